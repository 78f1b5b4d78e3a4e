import Foundation
import Tensors

/// The commands as a user runs them: processes with arguments, streams and an exit code.
enum Program {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// The lines on standard error that are not warnings.
    var errorLines: [String] {
      errors.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("warning: ") }
    }
  }

  /// The folder with the built commands, which is also the folder of the tests.
  static let folder: URL = {
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    var url = URL(filePath: bundle).standardizedFileURL
    while url.pathComponents.count > 1 {
      url.deleteLastPathComponent()
      let train = url.appending(path: "train").path(percentEncoded: false)
      if FileManager.default.isExecutableFile(atPath: train) { return url }
    }
    return url
  }()

  static let packageFolder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A command that is ready to run.
  ///
  /// - Parameters:
  ///   - shell: a bash script to run instead of the command; `"$@"` in it is the command.
  ///   - proxy: the proxy for all requests to other computers.
  static func process(
    _ name: String, _ arguments: [String], shell: String? = nil,
    proxy: String = "http://127.0.0.1:9", in scratch: Scratch
  ) -> Process {
    let process = Process()
    let command = folder.appending(path: name)
    if let shell {
      process.executableURL = URL(filePath: "/bin/bash")
      process.arguments = ["-c", shell, "bash", command.path(percentEncoded: false)] + arguments
    } else {
      process.executableURL = command
      process.arguments = arguments
    }
    process.currentDirectoryURL = scratch.url
    var environment = ProcessInfo.processInfo.environment
    // The command must find only the sample beside the programs, whatever data is on this machine.
    environment["XDG_CACHE_HOME"] = scratch.path("cache")
    environment["SWIFT_BACKTRACE"] = "enable=no"
    // No request of a test may leave this computer: the proxy is a port without a server.
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
      environment[name] = proxy
      environment[name.uppercased()] = proxy
    }
    for name in ["no_proxy", "NO_PROXY"] { environment[name] = "127.0.0.1" }
    process.environment = environment
    return process
  }

  /// Runs a command to its end. Streams are files, so a full pipe cannot block the command.
  static func run(
    _ name: String, _ arguments: [String], shell: String? = nil,
    proxy: String = "http://127.0.0.1:9", in scratch: Scratch
  ) throws -> Outcome {
    let process = process(name, arguments, shell: shell, proxy: proxy, in: scratch)
    let (output, errors) = (scratch.fresh("out"), scratch.fresh("err"))
    for path in [output, errors] {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    // A trap has the number of its signal as status, and no command has that exit code.
    let status =
      process.terminationReason == .uncaughtSignal
      ? -process.terminationStatus : process.terminationStatus
    return Outcome(
      status: status, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }
}

/// A folder of one test, removed at the test's end.
final class Scratch {
  let url: URL
  private var number = 0

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "lecture-cnn-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

  func fresh(_ name: String) -> String {
    number += 1
    return path("\(name)-\(number)")
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func names(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []).sorted()
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url.appending(path: name)))
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    let target = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: target)
  }

  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  /// Writes a data set of random digits called `name` as IDX files.
  func makeDigits(_ name: String = "digits", training: Int = 60, test: Int = 12) throws {
    for (prefix, count) in [("train", training), ("t10k", test)] {
      try write(Self.images(count), "\(name)/\(prefix)-images-idx3-ubyte")
      try write(Self.labels(count), "\(name)/\(prefix)-labels-idx1-ubyte")
    }
  }

  static func images(_ count: Int, height: Int = 28, width: Int = 28) -> [UInt8] {
    var random = Random(seed: UInt64(count), domain: .augmentation)
    return header(0x803, [count, height, width])
      + (0..<count * height * width).map { _ in UInt8(truncatingIfNeeded: random.nextBits()) }
  }

  /// Records of CIFAR with ascending labels and random pixels.
  static func records(_ count: Int, labels: Int) -> [UInt8] {
    var random = Random(seed: UInt64(count), domain: .augmentation)
    return (0..<count).flatMap { record in
      [UInt8](repeating: UInt8(record % 10), count: labels)
        + (0..<3072).map { _ in UInt8(truncatingIfNeeded: random.nextBits()) }
    }
  }

  static func labels(_ count: Int) -> [UInt8] {
    header(0x801, [count]) + (0..<count).map { UInt8($0 * 7 % 10) }
  }

  static func header(_ magic: Int, _ extents: [Int]) -> [UInt8] {
    ([magic] + extents).flatMap { number in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
  }
}

/// The arguments of a run of a few steps of a small network.
func tinyRun(
  _ run: String, network: String = "conv(3,3) pool(2) relu fc(classes)", _ more: String...
) -> [String] {
  [
    "--data-dir", "digits", "--run-dir", run, "--arch", network,
    "--batch-size", "8", "--val-split", "10", "--progress", "none", "--filters-every", "0",
    "--threads", "1",
  ] + more
}
