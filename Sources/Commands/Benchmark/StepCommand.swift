import ArgumentParser
import Benchmarking
import Layers
import Networks
import Tensors
import Terminal
import Training

/// `benchmark step`, or `benchmark` alone: measures whole training steps.
struct StepCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract:
      "Time whole training steps or forward passes, in turn with another program's if asked.",
    discussion: """
      A step is forward, loss, backward, the check of the gradient and the update, on random images.
      """)

  @Option(
    help: "A model by name, or several: fer-mnist,fer-cifar. (default: fer-mnist)",
    completion: Setting.completion("model"))
  var model: String?
  @Flag(help: "Measure every model that has a batch size of its own.")
  var all = false
  @OptionGroup var network: NetworkOptions
  @OptionGroup var common: CommonOptions
  @OptionGroup var rival: RivalOptions
  @Option(help: "The rivals' precision: fp32, bf16 or both. (default: both)")
  var precision: PrecisionChoice?
  @OptionGroup var forward: ForwardOptions
  @Option(help: "Show how the cost grows with batch, threads, kernels, channels or size.")
  var sweep: Sweep.Kind?

  func validate() throws {
    if network.arch != nil, all || model != nil || sweep != nil {
      throw ValidationError("--arch excludes --model, --all and --sweep.")
    }
    try forward.check(against: rival.against)
    if all, model != nil { throw ValidationError("--all and --model exclude each other.") }
    if precision != nil, rival.against == nil {
      throw ValidationError("--precision is the rival's: add --against, or leave --precision out.")
    }
    if let precision, let against = rival.against,
      !against.kinds.contains(where: { precision.suits($0) })
    {
      throw ValidationError(
        "--precision \(precision.rawValue): the rivals compute in fp32 only. Leave --precision out."
      )
    }
    guard let sweep else { return }
    if sweep == .kernels, common.kernels != nil {
      throw ValidationError("--sweep kernels measures all kernel sets: leave --kernels out.")
    }
    if all { throw ValidationError("--sweep measures one network: leave --all out.") }
    if rival.against != nil {
      throw ValidationError("--sweep measures this package alone: leave --against out.")
    }
    if sweep.hasItsOwnNetwork, model != nil {
      throw ValidationError(
        "--sweep \(sweep.rawValue) measures a network of its own: leave --model out.")
    }
    if model?.contains(",") == true {
      throw ValidationError("--sweep measures one network (found “\(model!)” for --model).")
    }
  }

  func execute() throws -> ExitStatus {
    if let sweep {
      let choice = try network.settings(of: model ?? "fer-mnist", common)
      try common.announce("the cost by \(sweep.rawValue)")
      try common.write(
        sweep.measure(
          choice, forward, batchSizeIsGiven: network.batchSize != nil,
          rounds: common.rounds ?? 5, seconds: common.seconds ?? 0.3))
      return .done
    }
    // All errors are reported before the first measurement.
    let choices = try names.map { try network.settings(of: $0, common) }
    var report = StepTimingReport(forwardOnly: forward.forwardOnly)
    for choice in choices {
      try common.announce("\(choice.network?.name ?? ""), batch \(choice.batchSize)")
      report.models.append(try measure(choice))
    }
    try common.write(report)
    return .done
  }

  private var names: [String] {
    if all { return NetworkOptions.batchSizes.map(\.0).filter { NamedModel.named($0) != nil } }
    return (model ?? "fer-mnist").split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init)
  }

  private func measure(_ settings: Configuration) throws -> StepFigures {
    let context = try Context(settings)
    let name = settings.network?.name ?? ""
    if forward.exact {
      Notice.tellIdleExactness(for: try StepBenchmark.network(settings, image: network.imageShape))
    }
    let rivals = try rival.against.map { try start($0, settings, context) } ?? []
    let seconds = common.seconds ?? 1
    PeakMemory.reset()
    let steps = try StepBenchmark(
      settings, image: network.imageShape, training: !forward.forwardOnly, exact: forward.exact,
      context: context)
    let peak = PeakBenchmark(context)
    var operations = 0
    let measured = try InterleavedTiming.measure(
      [
        InterleavedTiming.Side(seconds: seconds, timing: steps.run),
        InterleavedTiming.Side(seconds: min(seconds, 0.05), timing: { operations = peak.run() }),
      ] + rivals.map { InterleavedTiming.Side(seconds: seconds, take: $0.take) },
      rounds: common.rounds ?? 9)
    return StepFigures(
      model: name, batchSize: settings.batchSize, context: context,
      multiplyAdds: steps.multiplyAdds,
      peak: measured[1].map { Double(operations) / $0 },
      sides: [
        StepFigures.Side(
          name: "this package", seconds: measured[0], memory: PeakMemory.bytes, configuration: nil)
      ]
        + zip(rivals, measured.dropFirst(2)).map { rival, seconds in
          .init(
            name: rival.name, seconds: seconds, memory: rival.peakBytes,
            configuration: rival.configuration)
        })
  }

  /// Each rival in each of its precisions that are asked for.
  private func start(
    _ list: RivalList, _ settings: Configuration, _ context: Context
  ) throws -> [Rival] {
    let work = RivalWork(
      network: try StepBenchmark.network(settings, image: network.imageShape),
      batchSize: settings.batchSize, context: context, forwardOnly: forward.forwardOnly,
      patience: rival.patience)
    return try list.kinds.flatMap { kind in
      try Rival.start(
        kind, (precision ?? .both).precisions.filter { kind.precisions.contains($0) }, work)
    }
  }
}
