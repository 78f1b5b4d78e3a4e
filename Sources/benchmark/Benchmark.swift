import ArgumentParser
import CommandSupport
import Layers
import Tensors
import Terminal
import Training

/// `swift run benchmark`: times whole training steps, alone or in turn with a rival.
@main
struct Benchmark: Command {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Time training steps, in turn with PyTorch's if asked.",
    discussion: """
      A step is forward, loss, backward, the check of the gradient and the update, on random pictures. \
      Machines drift, so trust the ratios of one run, whose turns alternate, more than its rates.
      """,
    version: RunEnvironment.version)

  @Option(help: "A model by name.")
  var model = "fer-mnist"
  @Option(help: "Examples of a step.")
  var batchSize = "128"
  @Option(help: "Threads, ours and the rival's.")
  var threads: String?
  @Option(help: "Kernels: avx512, avx2, neon or portable.")
  var kernels: String?
  @Option(help: "Turns of each side.")
  var rounds = 9
  @Option(help: "Seconds that a turn takes, about.")
  var seconds = 1.0
  @Option(help: "The rival: pytorch, which scripts/pytorch/setup installs.")
  var against: RivalKind?
  @Option(help: "The rival's precision: fp32 or bf16 (autocast).")
  var precision = Precision.fp32
  @Flag(help: "Time the forward pass alone.")
  var forwardOnly = false
  @Flag(help: "Write the figures as JSON.")
  var json = false

  func validate() throws {
    guard rounds >= 1, rounds <= 1000 else {
      throw ValidationError("--rounds is \(rounds) (expected 1 to 1000).")
    }
    guard seconds > 0, seconds <= 60 else {
      throw ValidationError("--seconds is \(seconds) (expected above 0, at most 60).")
    }
  }

  func execute() throws -> ExitStatus {
    var settings = try Configuration(recipe: [], flags: [("model", model)])
    try settings.set("batch-size", to: batchSize)
    if let threads { try settings.set("threads", to: threads) }
    if let kernels { try settings.set("kernels", to: kernels) }
    let context = Context(
      threadCount: settings.threads ?? RunEnvironment.processorCount,
      kernelSet: settings.kernelSet ?? .best)
    let ours = try OurSide(settings, context: context, forwardOnly: forwardOnly)
    let rival = try against.map { _ in
      try Rival(
        model: model, batchSize: settings.batchSize, threads: context.threadCount,
        precision: precision, forwardOnly: forwardOnly)
    }
    let figures = try BenchmarkFigures.measure(ours, rival, rounds: rounds, seconds: seconds)
    let title =
      "\(model), batch \(settings.batchSize), \(context.threadCount) threads, "
      + "\(context.kernelSet.rawValue), \(forwardOnly ? "forward pass" : "training step")"
    try StandardStream.output.write(
      json ? figures.json(title: title) : figures.text(title: title, precision: precision))
    return .done
  }
}

enum RivalKind: String, ExpressibleByArgument, CaseIterable { case pytorch }
enum Precision: String, ExpressibleByArgument, CaseIterable { case fp32, bf16 }
