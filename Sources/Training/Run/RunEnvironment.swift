import Datasets
import Files
import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The environment of a run. It may explain the run's speed; results do not depend on it.
public struct RunEnvironment: Sendable {
  public static let version = "0.1.0"

  public let threads: Int
  public let kernelSet: KernelSet
  /// The training examples.
  public let data: LoadedSplit
  /// The test examples.
  public let test: LoadedSplit

  public init(context: Context, data: LoadedSplit, test: LoadedSplit) {
    threads = context.threadCount
    kernelSet = context.kernelSet
    self.data = data
    self.test = test
  }

  /// The processors that this process may use.
  public static var processorCount: Int { Processors.available }

  /// The processor's name, from the system.
  public static var processor: String {
    guard let bytes = try? pseudoFile("/proc/cpuinfo") else { return "unknown" }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].hasPrefix("model name") {
        return parts[1].drop { $0 == " " }.description
      }
    }
    return "unknown"
  }

  /// The run's `environment.json`.
  public var json: CanonicalJSON {
    [
      "version": .string(Self.version),
      "compiler": .string(Self.compiler),
      "processor": .string(Self.processor),
      "processors": .integer(Self.processorCount),
      "kernels": .string(kernelSet.rawValue),
      "threads": .integer(threads),
      "data": [
        "name": .string(data.entry.name),
        "sample": .boolean(data.isSample),
        "published": .boolean(data.isVerified && test.isVerified),
        "directory": .string(data.directory),
        "files": Self.list(data.files),
        "test_files": Self.list(test.files),
        "notices": .array(
          (data.notices + test.notices.filter { !data.notices.contains($0) }).map { .string($0) }),
      ],
    ]
  }

  private static func list(_ files: [LoadedSplit.File]) -> CanonicalJSON {
    .array(files.map { ["path": .string($0.path), "sha256": .string($0.sha256)] })
  }

  /// The compiler of this program.
  public static var compiler: String {
    #if swift(>=6.4)
      "Swift 6.4 or later"
    #elseif swift(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }

  /// The content of a file whose size the system does not report.
  private static func pseudoFile(_ path: String) throws(SystemError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw SystemError(errno) }
    return Array(bytes.prefix(count))
  }
}
