import ArgumentParser
import Benchmarking
import Files
import Layers
import Tensors
import Terminal
import Training

/// `benchmark layers`: measures each layer of a model alone.
struct LayersCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Time the forward and backward pass of each layer of a model.",
    discussion: """
      With --forward-only the layers are those of evaluation. Each layer runs alone, on a whole batch. In a step consecutive layers run together while their \
      activations are in the cache, so the whole step, in the last line, is not the sum. See inside \
      one thread by --threads 1.
      """)

  @Option(help: "A model by name. (default: fer-mnist)", completion: Setting.completion("model"))
  var model: String?
  @OptionGroup var network: NetworkOptions
  @OptionGroup var common: CommonOptions
  @OptionGroup var forward: ForwardOptions

  func validate() throws {
    try forward.check(against: nil)
    if model != nil, network.arch != nil {
      throw ValidationError("--model and --arch exclude each other.")
    }
  }

  func execute() throws -> ExitStatus {
    let settings = try network.settings(of: model ?? "fer-mnist", common)
    let context = try Context(settings)
    try common.announce("the layers of \(network.arch ?? model ?? "fer-mnist")")
    try common.write(
      LayerReport.measure(
        settings, image: network.imageShape, forward: forward, context: context,
        rounds: common.rounds ?? 5, seconds: common.seconds ?? 0.1))
    return .done
  }
}

/// The times of each layer and of the whole step.
struct LayerReport: Report {
  struct Row {
    let layer: LayerBenchmark
    /// The seconds for one batch, in each turn.
    let forward: Measurements
    /// Nil if forward passes alone are timed.
    let backward: Measurements?

    var seconds: Double { forward.median + (backward?.median ?? 0) }
  }

  let settings: Configuration
  let context: Context
  let rows: [Row]
  let training: Bool
  let multiplyAdds: Int
  /// The whole training step or, of forward passes alone, the whole forward pass.
  let step: Measurements

  static func measure(
    _ settings: Configuration, image: Shape?, forward: ForwardOptions, context: Context,
    rounds: Int, seconds: Double
  ) throws -> LayerReport {
    let training = !forward.forwardOnly
    let network = StepBenchmark.measured(
      try StepBenchmark.network(settings, image: image), training: training, exact: forward.exact)
    try settings.checkMemory(of: network, capacity: settings.batchSize, in: context)
    let layers = network.layers.indices.compactMap {
      LayerBenchmark(
        network, layer: $0, batchSize: settings.batchSize, training: training, context: context)
    }
    let step = try StepBenchmark(
      settings, image: image, training: training, exact: forward.exact, context: context)
    let passes = layers.flatMap { training ? [$0.forward, $0.backward] : [$0.forward] }
    let measured = try InterleavedTiming.measure(
      passes.map { InterleavedTiming.Side(seconds: seconds, timing: $0) }
        + [InterleavedTiming.Side(seconds: seconds, timing: step.run)], rounds: rounds)
    return LayerReport(
      settings: settings, context: context,
      rows: layers.enumerated().map { index, layer in
        training
          ? Row(layer: layer, forward: measured[2 * index], backward: measured[2 * index + 1])
          : Row(layer: layer, forward: measured[index], backward: nil)
      },
      training: training, multiplyAdds: step.multiplyAdds, step: measured[passes.count])
  }

  private var sum: Double { rows.reduce(0) { $0 + $1.seconds } }

  var text: String {
    let backward = training ? [TextTable.Column("backward ms", .right)] : []
    let backwardRate = training ? [TextTable.Column("backward GFLOP/s", .right)] : []
    var table = TextTable(
      [.init("layer"), .init("output"), .init("forward ms", .right)] + backward
        + [.init("share", .right), .init("forward GFLOP/s", .right)] + backwardRate)
    for row in rows {
      let shape = row.layer.outputShape.array.dropFirst().map(String.init)
      var cells = [
        row.layer.name, shape.joined(separator: " × "), Format.milliseconds(row.forward.median),
      ]
      if let backward = row.backward { cells.append(Format.milliseconds(backward.median)) }
      cells.append(Format.share(row.seconds / sum))
      cells.append(Self.rate(row.layer.forwardMultiplyAdds, row.forward.median))
      if let backward = row.backward {
        cells.append(Self.rate(row.layer.backwardMultiplyAdds, backward.median))
      }
      table.add(cells)
    }
    table.addRule()
    let forwardSum = rows.reduce(0) { $0 + $1.forward.median }
    table.add(
      ["sum", "", Format.milliseconds(forwardSum)]
        + backward.map { _ in Format.milliseconds(sum - forwardSum) }
        + ["", ""] + backwardRate.map { _ in "" })
    let whole = [
      "the whole \(training ? "step" : "forward pass") takes \(Format.milliseconds(step.median)) ms,",
      "\(Format.billions(Double(2 * multiplyAdds) / step.median)) GFLOP/s",
    ].joined(separator: " ")
    return """
      layers of \(settings.network?.name ?? ""), batch \(settings.batchSize), \
      \(context.description), \(turns(step.values.count)); \(RunEnvironment.processor)

      \(table.text)
      \(whole)
      \(countNote)

      """
  }

  /// The rate, or – for layers without multiplications and for passes that are not run.
  private static func rate(_ multiplyAdds: Int, _ seconds: Double) -> String {
    multiplyAdds == 0 ? "–" : Format.billions(Double(2 * multiplyAdds) / seconds)
  }

  var json: CanonicalJSON {
    [
      "benchmark": "layers", "processor": .string(RunEnvironment.processor),
      "model": .string(settings.network?.name ?? ""), "batch_size": .integer(settings.batchSize),
      "threads": .integer(context.threadCount), "kernels": .string(context.kernelSet.rawValue),
      "layers": .array(
        rows.map { row in
          [
            "layer": .string(row.layer.name),
            "output": .array(row.layer.outputShape.array.dropFirst().map { .integer($0) }),
            "forward_multiply_adds": .integer(row.layer.forwardMultiplyAdds),
            "backward_multiply_adds": .integer(row.layer.backwardMultiplyAdds),
            "forward_seconds": row.forward.json,
            "backward_seconds": row.backward?.json ?? .null,
            "share": .number(row.seconds / sum),
          ]
        }),
      "step_seconds": step.json,
    ]
  }
}
