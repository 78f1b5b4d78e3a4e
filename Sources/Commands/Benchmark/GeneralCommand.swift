import ArgumentParser
import Benchmarking
import Layers
import Networks
import Tensors
import Terminal
import Training

/// `benchmark general`: measures networks that nobody tuned for.
struct GeneralCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "general",
    abstract: "Time random networks, each in turn with the same network in another program.",
    discussion: """
      The networks are drawn from a fixed distribution, which docs/benchmarks.md states. Equal seeds give \
      equal networks. The ratio of a network is that to its fastest rival. The rival is \
      PyTorch unless --against names others. A rival that cannot compute a network, or fails in its first step, \
      is left out for it.
      """)

  @Option(help: ArgumentHelp("The seed of the networks. (default: 1)", valueName: "number"))
  var seed: UInt64?
  @Option(help: ArgumentHelp("The number of networks. (default: 40)", valueName: "networks"))
  var count: Int?
  @OptionGroup var common: CommonOptions
  @OptionGroup var rival: RivalOptions
  @OptionGroup var forward: ForwardOptions

  private static let greatestCount = 10_000

  func validate() throws {
    if let count, !(1...Self.greatestCount).contains(count) {
      throw ValidationError(
        "--count: invalid value (found “\(count)”, expected 1 to \(Self.greatestCount)).")
    }
    try forward.check(against: rival.against)
  }

  func execute() throws -> ExitStatus {
    var settings = Configuration()
    try common.apply(to: &settings)
    let context = try Context(settings)
    var figures: [GeneralFigures] = []
    for index in 0..<(count ?? 40) {
      let drawn = RandomNetwork(seed: seed ?? 1, index: index)
      try common.announce("\(index + 1) of \(count ?? 40): \(drawn.notation)")
      do {
        if let measured = try measure(drawn, context) { figures.append(measured) }
      } catch let failure as Failure where failure.status == .badData {
        Notice.warning("network \(index + 1), \(drawn.notation), is left out: \(failure.message)")
      }
    }
    guard !figures.isEmpty else {
      throw Failure(
        .usage,
        "--against: no network was measured; the warnings tell why. Take other rivals, or a greater --count."
      )
    }
    let worst = try figures.sorted { $0.ratio < $1.ratio }.prefix(10).map {
      (figures: $0, layers: try slowestLayers(of: $0.drawn, context))
    }
    try common.write(
      GeneralReport(
        seed: seed ?? 1, forwardOnly: forward.forwardOnly, context: context, figures: figures,
        worst: worst))
    return .done
  }

  private func network(_ drawn: RandomNetwork) throws -> Sequential {
    let network = try Architecture(drawn.notation).network(
      input: drawn.image, classes: RandomNetwork.classes)
    try network.setConvolutionAlgorithms(.automatic, batch: drawn.batchSize)
    network.initialize(seed: 1)
    return network
  }

  /// Nil if no rival can compute the network.
  private func measure(_ drawn: RandomNetwork, _ context: Context) throws -> GeneralFigures? {
    let network = try network(drawn)
    let work = RivalWork(
      network: network, batchSize: drawn.batchSize, context: context,
      forwardOnly: forward.forwardOnly, patience: rival.patience)
    let rivals = try (rival.against?.kinds ?? [.pytorch]).flatMap { try started($0, drawn, work) }
    guard !rivals.isEmpty else { return nil }
    PeakMemory.reset()
    let steps = try StepBenchmark(
      network, batchSize: drawn.batchSize, training: !forward.forwardOnly, exact: forward.exact,
      context: context)
    let seconds = common.seconds ?? 0.3
    let measured = try InterleavedTiming.measure(
      [InterleavedTiming.Side(seconds: seconds, timing: steps.run)]
        + rivals.map { InterleavedTiming.Side(seconds: seconds, take: $0.take) },
      rounds: common.rounds ?? 5)
    return GeneralFigures(
      drawn: drawn, multiplyAdds: steps.multiplyAdds, ours: measured[0], memory: PeakMemory.bytes,
      rivals: zip(rivals, measured.dropFirst()).map {
        GeneralFigures.Side(
          name: $0.kind.title, seconds: $1, memory: $0.peakBytes, configuration: $0.configuration)
      })
  }

  /// A rival after its first step, or none with a warning. Programs fail on some networks: PyTorch may crash in a
  /// convolution.
  private func started(
    _ kind: RivalKind, _ drawn: RandomNetwork, _ work: RivalWork
  ) throws -> [Rival] {
    do {
      let rivals = try Rival.start(kind, [.fp32], work)
      for rival in rivals { _ = try rival.take(1) }
      return rivals
    } catch let failure as Failure where failure.status == .badData {
      Notice.warning("\(kind.title) is left out for \(drawn.notation): \(failure.message)")
      return []
    }
  }

  /// The layers that take most of the time, alone, with their shares.
  private func slowestLayers(
    of drawn: RandomNetwork, _ context: Context
  ) throws -> [(name: String, share: Double)] {
    let training = !forward.forwardOnly
    let network = StepBenchmark.measured(
      try network(drawn), training: training, exact: forward.exact)
    let layers = network.layers.indices.compactMap {
      LayerBenchmark(
        network, layer: $0, batchSize: drawn.batchSize, training: training, context: context)
    }
    let measured = try InterleavedTiming.measure(
      layers.map { layer in
        InterleavedTiming.Side(
          seconds: 0.02,
          timing: {
            layer.forward()
            if training { layer.backward() }
          })
      }, rounds: 3
    ).map(\.median)
    let sum = measured.reduce(0, +)
    return zip(layers, measured).sorted { $0.1 > $1.1 }.prefix(3).map { ($0.name, $1 / sum) }
  }
}
