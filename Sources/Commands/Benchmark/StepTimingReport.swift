import Files
import Tensors
import Terminal
import Training

/// The measurements of one model's training steps.
struct StepFigures {
  struct Side {
    let name: String
    /// The seconds for one step, in each turn.
    let seconds: Measurements
    /// The peak memory of the side's process in bytes, if known.
    let memory: Int?
    /// How the side computes, if it chose between several ways.
    let configuration: String?
  }

  let model: String
  let batchSize: Int
  let context: Context
  /// The multiply-adds of one step.
  let multiplyAdds: Int
  /// The peak operations per second, in each turn.
  let peak: Measurements
  /// This package first, then the rivals.
  let sides: [Side]

  var ours: Side { sides[0] }
  var rivals: ArraySlice<Side> { sides.dropFirst() }

  func imagesPerSecond(_ side: Side) -> Measurements {
    side.seconds.map { Double(batchSize) / $0 }
  }

  /// The operations per second.
  func rate(_ side: Side) -> Measurements { side.seconds.map { Double(2 * multiplyAdds) / $0 } }

  func shareOfPeak(_ side: Side) -> Measurements { rate(side).with(peak) { $0 / $1 } }

  /// The speed of this package divided by that of a rival, for each turn.
  func ratio(to rival: Side) -> Measurements { rival.seconds.with(ours.seconds) { $0 / $1 } }
}

/// The results of all models: one table, or one JSON object.
struct StepTimingReport: Report {
  let forwardOnly: Bool
  var models: [StepFigures] = []

  private var pass: String { forwardOnly ? "forward pass" : "training step" }

  var text: String {
    guard let first = models.first else { return "" }
    let hasRivals = models.contains { !$0.rivals.isEmpty }
    let ratio: [TextTable.Column] = [
      .init("ratio", .right), .init("least", .right), .init("most", .right),
    ]
    var table = TextTable(
      [
        .init("model"), .init("batch", .right), .init("program"), .init("images/s", .right),
        .init("least", .right), .init("most", .right),
      ] + (hasRivals ? ratio : [])
        + [.init("GFLOP/s", .right), .init("of peak*", .right), .init("memory", .right)])
    for (index, figures) in models.enumerated() {
      if index > 0, hasRivals { table.addRule() }
      for (position, side) in figures.sides.enumerated() {
        var cells =
          position == 0 ? [figures.model, Format.count(figures.batchSize)] : ["", ""]
        cells.append(side.name)
        cells += Self.all(figures.imagesPerSecond(side)) { Format.count(Int($0.rounded())) }
        if hasRivals, position == 0 { cells += ["", "", ""] }
        if position > 0 {
          cells += Self.all(figures.ratio(to: side)) { Format.fixed($0, decimals: 2) }
        }
        cells += [
          Format.billions(figures.rate(side).median),
          Format.share(figures.shareOfPeak(side).median),
          side.memory.map { Format.bytes($0) } ?? "–",
        ]
        table.add(cells)
      }
    }
    return """
      \(pass), \(first.context.description), \(turns(first.ours.seconds.values.count)); peak \
      \(Format.billions(first.peak.median)) GFLOP/s; \(RunEnvironment.processor)

      \(table.text)
      * \(countNote)

      """
  }

  private static func all(_ values: Measurements, _ format: (Double) -> String) -> [String] {
    [values.median, values.least, values.most].map(format)
  }

  var json: CanonicalJSON {
    [
      "benchmark": .string(pass), "processor": .string(RunEnvironment.processor),
      "counts": .string(countNote),
      "models": .array(
        models.map { figures in
          [
            "model": .string(figures.model), "batch_size": .integer(figures.batchSize),
            "threads": .integer(figures.context.threadCount),
            "kernels": .string(figures.context.kernelSet.rawValue),
            "multiply_adds": .integer(figures.multiplyAdds),
            "peak_flops_per_second": figures.peak.json,
            "sides": .array(figures.sides.map { json(of: $0, in: figures) }),
          ]
        }),
    ]
  }

  private func json(of side: StepFigures.Side, in figures: StepFigures) -> CanonicalJSON {
    var members: [CanonicalJSON.Member] = [
      .init("program", .string(side.name)),
      .init("images_per_second", figures.imagesPerSecond(side).json),
      .init("flops_per_second", figures.rate(side).json),
      .init("share_of_peak", figures.shareOfPeak(side).json),
      .init("peak_memory_bytes", side.memory.map { .integer($0) } ?? .null),
    ]
    if let configuration = side.configuration {
      members.append(.init("configuration", .string(configuration)))
    }
    if side.name != figures.ours.name {
      members.append(.init("ratio", figures.ratio(to: side).json))
    }
    return .object(members)
  }
}

/// `9 turns each`.
func turns(_ count: Int) -> String { Format.counted(count, "turn") + " each" }

extension Measurements {
  /// The median, and the value of each turn.
  var json: CanonicalJSON {
    ["median": .number(median), "turns": .array(values.map { .number($0) })]
  }
}
