import ArgumentParser
import CommandSupport
import Foundation
import Terminal

enum RivalKind: String, ExpressibleByArgument, CaseIterable { case pytorch }

/// The precisions that the rival can be asked for.
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

/// PyTorch in a process of its own, which takes turns on request: `scripts/pytorch/rival.py`.
final class Rival {
  enum Precision: String {
    case fp32
    /// By autocast.
    case bf16
  }

  /// The models that it knows.
  static let models = [
    "fer-mnist", "pytorch-mnist", "lenet5", "fer-cifar", "vgg-small", "airbench94",
  ]

  /// Its threads spin for a moment after its turn before they sleep.
  private static let rest = 0.05

  let precision: Precision
  /// The most memory that it has held.
  private(set) var peakBytes: Int?
  private let process = Process()
  private let requests = Pipe()
  private let answers = Pipe()
  private var buffer: [UInt8] = []

  /// Starts the rival and waits until it is ready.
  init(
    model: String, batchSize: Int, threads: Int, precision: Precision, forwardOnly: Bool
  ) throws {
    self.precision = precision
    let python = ".venv/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      throw Failure(
        .badData, "\(python): no such program. Run scripts/pytorch/setup in the package's folder.")
    }
    // A rival that has ended is told by its missing answer, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments =
      [
        "scripts/pytorch/rival.py", "--model", model, "--batch", "\(batchSize)", "--threads",
        "\(threads)", "--precision", precision.rawValue,
      ] + (forwardOnly ? ["--forward-only"] : [])
    process.standardInput = requests
    process.standardOutput = answers
    try process.run()
    let first = try line()
    guard first == "ready" else {
      throw Failure(.badData, "scripts/pytorch/rival.py: not ready (found “\(first)”).")
    }
  }

  deinit {
    try? requests.fileHandleForWriting.write(contentsOf: Data("quit\n".utf8))
    try? requests.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Takes `count` steps and tells how long they took, in seconds.
  func take(_ count: Int) throws -> Double {
    try requests.fileHandleForWriting.write(contentsOf: Data("run \(count)\n".utf8))
    let answer = try line()
    guard let fields = try? JSONSerialization.jsonObject(with: Data(answer.utf8)),
      let members = fields as? [String: Any], let seconds = members["seconds"] as? Double
    else {
      throw Failure(.badData, "scripts/pytorch/rival.py: no answer (found “\(answer)”).")
    }
    peakBytes = members["peak_memory_bytes"] as? Int
    Thread.sleep(forTimeInterval: Self.rest)
    return seconds
  }

  private func line() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      let data = answers.fileHandleForReading.availableData
      guard !data.isEmpty else {
        throw Failure(.badData, "scripts/pytorch/rival.py: ended early.")
      }
      buffer += data
    }
  }
}
