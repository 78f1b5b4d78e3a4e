import ArgumentParser
import Benchmarking
import Checkpoints
import Export
import Files
import Layers
import Processes
import Tensors
import Terminal
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A program to compare with.
enum RivalKind: String, CaseIterable {
  case pytorch, keras, onnxruntime, openvino

  var title: String {
    switch self {
    case .pytorch: "PyTorch"
    case .keras: "Keras"
    case .onnxruntime: "ONNX Runtime"
    case .openvino: "OpenVINO"
    }
  }

  /// True for a program that computes trained networks only.
  var onlyInfers: Bool { self == .onnxruntime || self == .openvino }

  var precisions: [Rival.Precision] {
    self == .onnxruntime || self == .keras ? [.fp32] : [.fp32, .bf16]
  }

  var script: String {
    switch self {
    case .pytorch: "scripts/pytorch/rival.py"
    case .keras: "scripts/pytorch/keras_rival.py"
    case .onnxruntime, .openvino: "scripts/pytorch/inference_rival.py"
    }
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

  func suits(_ kind: RivalKind) -> Bool { precisions.contains { kind.precisions.contains($0) } }
}

/// What a rival repeats: training steps or forward passes of one network.
struct RivalWork {
  let network: Sequential
  let batchSize: Int
  let context: Context
  let forwardOnly: Bool
  /// The seconds that one answer may take.
  let patience: Int
}

/// Another program in a separate process, which works on request: `scripts/pytorch/rival.py`,
/// `keras_rival.py` and `inference_rival.py`.
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
  /// How the rival computes, if it chose between several ways.
  private(set) var configuration: String?
  private let process: ChildProcess
  private let patience: Int
  /// True after an answer did not come in time.
  private var isStuck = false
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
    patience = work.patience
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
    if !kind.onlyInfers {
      let path = "\(folder)/network.py"
      let text =
        kind == .keras
        ? try UntrainedNetwork.kerasModel(of: work.network)
        : try UntrainedNetwork.torchModule(of: work.network)
      try OutputFile.write(Array(text.utf8), to: path)
      arguments += ["--module", path, "--classes", "\(work.network.outputShape.countPerExample)"]
      let fixed = work.network.parameters.filter { $0.role != .running && !$0.isTrained }
      if !fixed.isEmpty { arguments += ["--fixed", fixed.map(\.name).joined(separator: ",")] }
      if work.forwardOnly { arguments.append("--forward-only") }
      if kind == .keras {
        let values = "\(folder)/values.safetensors"
        try OutputFile.write(try Self.check(of: work), to: values)
        arguments += ["--values", values, "--check-rate", "\(NetworkCheck.learningRate)"]
      }
    } else {
      let path = "\(folder)/network.onnx"
      try OutputFile.write(try UntrainedNetwork.onnx(of: work.network), to: path)
      arguments += ["--onnx", path, "--runtime", kind.rawValue]
    }
    return arguments + [
      "--image", "\(shape[3]),\(shape[1]),\(shape[2])", "--batch", "\(work.batchSize)", "--threads",
      "\(work.context.threadCount)", "--precision", precision.rawValue,
    ]
  }

  /// The network's values, with some examples and what it makes of them, as a safetensors file.
  private static func check(of work: RivalWork) throws -> [UInt8] {
    let check = try NetworkCheck(of: work.network, context: work.context)
    let count = NetworkCheck.examples
    var tensors = work.network.storedTensors
    tensors.append(
      StoredTensor(
        name: "check.images", shape: [count] + work.network.inputShape.array.dropFirst(),
        values: check.images))
    tensors.append(StoredTensor(name: "check.labels", shape: [count], values: check.labels))
    tensors.append(
      StoredTensor(
        name: "check.outputs", shape: [count, check.outputs.count / count], values: check.outputs))
    if !check.losses.isEmpty {
      tensors.append(
        StoredTensor(name: "check.losses", shape: [check.losses.count], values: check.losses))
    }
    return Safetensors.encode(tensors: tensors)
  }

  /// Starts a rival for each of its precisions, or tells that it cannot compute the network.
  static func start(
    _ kind: RivalKind, _ precisions: [Precision], _ work: RivalWork
  ) throws -> [Rival] {
    do {
      return try precisions.map { try Rival(kind, precision: $0, work) }
    } catch ExportError.notInKeras(let layer, let problem) {
      Notice.warning(
        "--against: \(kind.title) is left out, because it cannot compute \(layer) (\(problem)).")
      return []
    }
  }

  deinit {
    // A stuck rival ends when its process is released.
    if !isStuck {
      process.write("quit\n")
      process.closeInput()
      _ = process.wait()
    }
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
    if case .string(let way)? = fields?["configuration"], !way.isEmpty { configuration = way }
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
      guard let data = process.read(within: Double(patience)) else {
        isStuck = true
        throw Failure(
          .badData,
          "\(kind.script): no answer within \(patience) s, so it was ended. "
            + "Give more with --patience, or run it by itself.")
      }
      guard !data.isEmpty else {
        throw Failure(
          .badData, "\(kind.script): ended early (expected an answer). Run it by itself.")
      }
      buffer += data
    }
  }
}
