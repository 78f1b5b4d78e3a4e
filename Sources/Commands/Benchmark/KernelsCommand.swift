import ArgumentParser
import Benchmarking
import Layers
import Tensors
import Terminal
import Training

/// `benchmark kernels`: measures the passes of single layers by algorithm and kernel set.
struct KernelsCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract:
      "Time the passes of convolutions, by algorithm and kernel set, as a share of the direct one's peak.",
    discussion: """
      The peak is that of fused multiply-adds in registers, measured in the same rounds. Rates count \
      the multiply-adds of the formula, whatever the algorithm does in their place, so Winograd's may \
      exceed it.
      """)

  enum Pass: String, ExpressibleByArgument, CaseIterable {
    case forward, data, weights, inference

    static let training: [Pass] = [.forward, .data, .weights]
  }

  @Option(
    help:
      "A layer on its input, \"conv(64,3) on 32x32x64\"; may be repeated. (default: those of the named models)"
  )
  var shape: [String] = []
  @Option(
    help: """
      A pass: forward, data or weights; may be repeated. (default: these three) Or inference: the forward \
      pass with weights that were transformed before.
      """)
  var pass: [Pass] = []
  @Option(help: "An algorithm; may be repeated. (default: all that the shape allows)")
  var algorithm: [String] = []
  @Flag(help: "Also time Winograd's method with each of its tiles.")
  var tiles = false
  @Option(help: "Examples of a batch.")
  var batchSize = KernelProblem.usualBatchSize
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...65_536).contains(batchSize) else {
      throw ValidationError(
        "--batch-size: invalid value (found “\(batchSize)”, expected 1 to 65536).")
    }
    guard !pass.contains(.inference) || Set(pass) == [.inference] else {
      throw ValidationError(
        "--pass inference: algorithms are chosen by another rule than in training. Time it without other passes."
      )
    }
    let names = KernelProblem.allAlgorithms
    for name in algorithm where !names.contains(name) {
      throw ValidationError(
        "--algorithm: invalid value (found “\(name)”, expected one of \(names.joined(separator: ", ")))."
      )
    }
  }

  func execute() throws -> ExitStatus {
    var settings = Configuration()
    try common.apply(to: &settings)
    let problems =
      shape.isEmpty
      ? KernelProblem.ofNamedModels(batchSize: batchSize, isInference: isInference)
      : try shape.map(problem)
    let contexts = try sets(settings).map {
      try Context(starting: settings.threads ?? 1, kernelSet: $0)
    }
    for name in Set(algorithm).sorted()
    where !problems.contains(where: { $0.algorithms.contains(name) }) && Set(algorithm).count > 1 {
      Notice.warning("--algorithm \(name) changes nothing: it computes none of the shapes.")
    }
    if tiles, problems.allSatisfy({ $0.tiles.isEmpty }) {
      Notice.warning("--tiles changes nothing: Winograd's method computes none of the shapes.")
    }
    let passes =
      isInference ? [.inference] : Pass.training.filter { pass.isEmpty || pass.contains($0) }
    var report = KernelReport(
      passes: passes, batchSize: batchSize, threads: contexts[0].threadCount)
    for problem in problems {
      try common.announce("\(problem)")
      report.rows += try KernelFigures.measure(
        problem,
        algorithms: problem.algorithms.filter { algorithm.isEmpty || algorithm.contains($0) }
          + (tiles ? problem.tiles : []),
        passes: passes, contexts: contexts, rounds: common.rounds ?? 5,
        seconds: common.seconds ?? 0.05)
    }
    guard !report.rows.isEmpty else {
      throw Failure(
        .usage,
        "--algorithm: it computes none of the shapes (found “\(algorithm.joined(separator: ", "))”, "
          + "expected one of \(Set(problems.flatMap(\.algorithms)).sorted().joined(separator: ", ")))."
      )
    }
    try common.write(report)
    return .done
  }

  private var isInference: Bool { pass.contains(.inference) }

  private func problem(_ text: String) throws -> KernelProblem {
    do {
      return try KernelProblem(text, batchSize: batchSize, isInference: isInference)
    } catch {
      throw Failure(.usage, "--shape: \(error)")
    }
  }

  /// The portable set serves as reference and is not fast, so it is measured only on request.
  private func sets(_ settings: Configuration) -> [KernelSet] {
    if let set = settings.kernelSet { return [set] }
    let sets = KernelSet.available.filter { $0 != .portable }
    return sets.isEmpty ? [.portable] : sets
  }
}
