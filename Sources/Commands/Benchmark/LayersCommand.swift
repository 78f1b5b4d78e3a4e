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
      Each layer runs alone, on a whole batch. In a step consecutive layers run together while their \
      activations are in the cache, so the whole step, in the last line, is not the sum. See inside \
      one thread by --threads 1.
      """)

  @Option(help: "A model by name. (default: fer-mnist)", completion: Setting.completion("model"))
  var model: String?
  @OptionGroup var network: NetworkOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
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
        settings, image: network.imageShape, context: context, rounds: common.rounds ?? 5,
        seconds: common.seconds ?? 0.1))
    return .done
  }
}

/// The times of each layer and of the whole step.
struct LayerReport: Report {
  struct Row {
    let layer: LayerBenchmark
    /// The seconds for one batch, in each turn.
    let forward: Measurements
    let backward: Measurements

    var seconds: Double { forward.median + backward.median }
  }

  let settings: Configuration
  let context: Context
  let rows: [Row]
  let multiplyAdds: Int
  let step: Measurements

  static func measure(
    _ settings: Configuration, image: Shape? = nil, context: Context, rounds: Int, seconds: Double
  ) throws -> LayerReport {
    let network = try StepBenchmark.network(settings, image: image)
    try settings.checkMemory(of: network, capacity: settings.batchSize, in: context)
    let layers = network.layers.indices.compactMap {
      LayerBenchmark(network, layer: $0, batchSize: settings.batchSize, context: context)
    }
    let step = try StepBenchmark(settings, image: image, training: true, context: context)
    let measured = try InterleavedTiming.measure(
      layers.flatMap { layer in
        [
          InterleavedTiming.Side(seconds: seconds, timing: layer.forward),
          InterleavedTiming.Side(seconds: seconds, timing: layer.backward),
        ]
      } + [InterleavedTiming.Side(seconds: seconds, timing: step.run)], rounds: rounds)
    return LayerReport(
      settings: settings, context: context,
      rows: layers.enumerated().map { index, layer in
        Row(layer: layer, forward: measured[2 * index], backward: measured[2 * index + 1])
      },
      multiplyAdds: step.multiplyAdds, step: measured[2 * layers.count])
  }

  private var sum: Double { rows.reduce(0) { $0 + $1.seconds } }

  var text: String {
    var table = TextTable([
      .init("layer"), .init("output"), .init("forward ms", .right), .init("backward ms", .right),
      .init("share", .right), .init("forward GFLOP/s", .right), .init("backward GFLOP/s", .right),
    ])
    for row in rows {
      table.add([
        row.layer.name,
        row.layer.outputShape.array.dropFirst().map(String.init).joined(separator: " × "),
        Format.milliseconds(row.forward.median), Format.milliseconds(row.backward.median),
        Format.share(row.seconds / sum),
        Self.rate(row.layer.forwardMultiplyAdds, row.forward.median),
        Self.rate(row.layer.backwardMultiplyAdds, row.backward.median),
      ])
    }
    table.addRule()
    table.add([
      "sum", "", Format.milliseconds(rows.reduce(0) { $0 + $1.forward.median }),
      Format.milliseconds(rows.reduce(0) { $0 + $1.backward.median }), "", "", "",
    ])
    let whole = [
      "the whole step takes \(Format.milliseconds(step.median)) ms,",
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
            "forward_seconds": row.forward.json, "backward_seconds": row.backward.json,
            "share": .number(row.seconds / sum),
          ]
        }),
      "step_seconds": step.json,
    ]
  }
}
