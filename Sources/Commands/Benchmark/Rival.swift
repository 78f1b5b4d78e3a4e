import ArgumentParser
import Files
import Processes
import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

enum RivalKind: String, ExpressibleByArgument, CaseIterable { case pytorch }

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

/// PyTorch in a separate process, which works on request: `scripts/pytorch/rival.py`.
final class Rival {
  enum Precision: String {
    case fp32
    /// bf16 by autocast.
    case bf16
  }

  /// The models that the rival supports.
  static let models = [
    "fer-mnist", "pytorch-mnist", "lenet5", "fer-cifar", "vgg-small", "airbench94",
  ]

  /// Seconds to wait after the rival's turn, because its threads spin for a moment before they
  /// sleep.
  private static let rest = 0.05

  let precision: Precision
  /// The rival's peak memory so far.
  private(set) var peakBytes: Int?
  private let process: ChildProcess
  private var buffer: [UInt8] = []

  /// Starts the rival and waits until it is ready.
  init(
    model: String, batchSize: Int, threads: Int, precision: Precision, forwardOnly: Bool
  ) throws {
    self.precision = precision
    let python = ".venv/bin/python"
    guard access(python, X_OK) == 0 else {
      throw Failure(
        .badData, "\(python): no such program. Run scripts/pytorch/setup in the package's folder.")
    }
    let arguments =
      [
        "scripts/pytorch/rival.py", "--model", model, "--batch", "\(batchSize)", "--threads",
        "\(threads)", "--precision", precision.rawValue,
      ] + (forwardOnly ? ["--forward-only"] : [])
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
        "scripts/pytorch/rival.py: not ready (found “\(first)”, expected “ready”). Run it by itself."
      )
    }
  }

  deinit {
    process.write("quit\n")
    process.closeInput()
    _ = process.wait()
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
        "scripts/pytorch/rival.py: no answer (found “\(answer)”, expected its seconds as JSON). "
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
          .badData, "scripts/pytorch/rival.py: ended early (expected an answer). Run it by itself.")
      }
      buffer += data
    }
  }
}
