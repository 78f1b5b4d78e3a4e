import ArgumentParser
import Export
import Files
import Layers
import Processes
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program to compare with.
enum RivalKind: String, CaseIterable {
  case pytorch, onnxruntime, openvino

  var title: String {
    switch self {
    case .pytorch: "PyTorch"
    case .onnxruntime: "ONNX Runtime"
    case .openvino: "OpenVINO"
    }
  }

  /// True for a program that computes trained networks only.
  var onlyInfers: Bool { self != .pytorch }

  var precisions: [Rival.Precision] { self == .onnxruntime ? [.fp32] : [.fp32, .bf16] }

  var script: String {
    self == .pytorch ? "scripts/pytorch/rival.py" : "scripts/pytorch/inference_rival.py"
  }
}

/// The value of `--against`.
struct RivalList: ExpressibleByArgument {
  let kinds: [RivalKind]

  init?(argument: String) {
    let kinds = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      RivalKind(rawValue: String($0))
    }
    guard !kinds.contains(nil), Set(kinds).count == kinds.count else { return nil }
    self.kinds = kinds.compactMap { $0 }
  }

  static var allValueStrings: [String] { RivalKind.allCases.map(\.rawValue) }
}

/// The values of `--precision`.
enum PrecisionChoice: String, ExpressibleByArgument, CaseIterable {
  case fp32, bf16, both

  var precisions: [Rival.Precision] {
    switch self {
    case .fp32: [.fp32]
    case .bf16: [.bf16]
    case .both: [.fp32, .bf16]
    }
  }
}

/// What a rival repeats: training steps or forward passes of one network.
struct RivalWork {
  let network: Sequential
  let batchSize: Int
  let threads: Int
  let forwardOnly: Bool
}

/// Another program in a separate process, which works on request: `scripts/pytorch/rival.py` and
/// `inference_rival.py`.
final class Rival {
  enum Precision: String {
    case fp32
    case bf16
  }

  /// Seconds to wait after the rival's turn, because its threads spin for a moment before they
  /// sleep.
  private static let rest = 0.05

  let kind: RivalKind
  let precision: Precision
  /// The rival's peak memory so far.
  private(set) var peakBytes: Int?
  private let process: ChildProcess
  /// Holds the file of the network.
  private let folder: ThrowawayFolder
  private var buffer: [UInt8] = []

  var name: String { "\(kind.title) \(precision.rawValue)" }

  /// Starts the rival and waits until it is ready.
  ///
  /// - Throws: `ExportError` for a layer that other programs do not have.
  init(_ kind: RivalKind, precision: Precision, _ work: RivalWork) throws {
    self.kind = kind
    self.precision = precision
    let python = ".venv/bin/python"
    guard access(python, X_OK) == 0 else {
      throw Failure(
        .badData, "\(python): no such program. Run scripts/pytorch/setup in the package's folder.")
    }
    folder = try ThrowawayFolder()
    let arguments = try Self.arguments(kind, precision, work, folder.path)
    do throws(ChildProcessError) {
      process = try ChildProcess(python, arguments, input: .pipe)
    } catch {
      throw Failure(
        .badData,
        "\(python): cannot be started (\(SystemError(error.code))). Run scripts/pytorch/setup again."
      )
    }
    let first = try line()
    guard first == "ready" else {
      throw Failure(
        .badData,
        "\(kind.script): not ready (found “\(first)”, expected “ready”). Run it by itself.")
    }
  }

  /// Writes the network's file, and gives the arguments of the script.
  private static func arguments(
    _ kind: RivalKind, _ precision: Precision, _ work: RivalWork, _ folder: String
  ) throws -> [String] {
    let shape = work.network.inputShape
    var arguments = [kind.script]
    if kind == .pytorch {
      let path = "\(folder)/network.py"
      try OutputFile.write(
        Array(try UntrainedNetwork.torchModule(of: work.network).utf8), to: path)
      arguments += ["--module", path, "--classes", "\(work.network.outputShape.countPerExample)"]
      let fixed = work.network.parameters.filter { $0.role != .running && !$0.isTrained }
      if !fixed.isEmpty { arguments += ["--fixed", fixed.map(\.name).joined(separator: ",")] }
      if work.forwardOnly { arguments.append("--forward-only") }
    } else {
      let path = "\(folder)/network.onnx"
      try OutputFile.write(try UntrainedNetwork.onnx(of: work.network), to: path)
      arguments += ["--onnx", path, "--runtime", kind.rawValue]
    }
    return arguments + [
      "--image", "\(shape[3]),\(shape[1]),\(shape[2])", "--batch", "\(work.batchSize)", "--threads",
      "\(work.threads)", "--precision", precision.rawValue,
    ]
  }

  deinit {
    process.write("quit\n")
    process.closeInput()
    _ = process.wait()
    folder.remove()
  }

  /// Runs `count` steps and returns their total time in seconds.
  func take(_ count: Int) throws -> Double {
    process.write("run \(count)\n")
    let answer = try line()
    let fields = try? StrictJSON.parse(answer)
    let seconds: Double
    switch fields?["seconds"] {
    case .number(let number): seconds = number
    case .integer(let number): seconds = Double(number)
    default:
      throw Failure(
        .badData,
        "\(kind.script): no answer (found “\(answer)”, expected its seconds as JSON). "
          + "Run it by itself.")
    }
    if case .integer(let bytes)? = fields?["peak_memory_bytes"] { peakBytes = bytes }
    usleep(UInt32(Self.rest * 1e6))
    return seconds
  }

  private func line() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      let data = process.read() ?? []
      guard !data.isEmpty else {
        throw Failure(
          .badData, "\(kind.script): ended early (expected an answer). Run it by itself.")
      }
      buffer += data
    }
  }
}
