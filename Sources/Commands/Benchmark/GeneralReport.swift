import Benchmarking
import Files
import Tensors
import Terminal
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The measurements of one random network.
struct GeneralFigures {
  let drawn: RandomNetwork
  let multiplyAdds: Int
  /// The seconds of one step, in each turn.
  let ours: Measurements
  let memory: Int?
  /// At least one.
  let rivals: [Side]

  struct Side {
    let name: String
    let seconds: Measurements
    let memory: Int?
    /// How the rival computes, if it chose between several ways.
    let configuration: String?
  }

  /// The fastest rival.
  var rival: Side {
    guard let fastest = rivals.min(by: { $0.seconds.median < $1.seconds.median }) else {
      preconditionFailure("a network without a rival")
    }
    return fastest
  }

  /// The rival's time divided by this package's, the median of the turns.
  var ratio: Double { rival.seconds.with(ours) { $0 / $1 }.median }
}

/// The distribution of the ratios, and the networks with the least ones.
struct GeneralReport: Report {
  let seed: UInt64
  let forwardOnly: Bool
  let context: Context
  let figures: [GeneralFigures]
  /// At most ten, with the layers that take most of the time.
  let worst: [(figures: GeneralFigures, layers: [(name: String, share: Double)])]

  private var ratios: [Double] { figures.map(\.ratio).sorted() }

  /// The mean of the ratios' logarithms, as a ratio.
  private var geometricMean: Double {
    exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
  }

  /// The number of networks that took less memory than the fastest rival.
  private var lighter: (count: Int, known: Int) {
    let known = figures.compactMap { figures in
      figures.memory.flatMap { ours in figures.rival.memory.map { ours < $0 } }
    }
    return (known.filter { $0 }.count, known.count)
  }

  /// A quantile of the ratios, interpolated between two of them.
  private func quantile(_ share: Double) -> Double {
    let place = share * Double(ratios.count - 1)
    let (below, above) = (Int(place), Int(place.rounded(.up)))
    return ratios[below] + (place - Double(below)) * (ratios[above] - ratios[below])
  }

  var text: String {
    let parts = [
      "geometric mean \(Self.ratio(geometricMean))", "least \(Self.ratio(ratios[0]))",
      "quarter \(Self.ratio(quantile(0.25)))", "median \(Self.ratio(quantile(0.5)))",
      "greatest \(Self.ratio(ratios[ratios.count - 1]))",
    ]
    var table = TextTable([
      .init("ratio", .right), .init("rival"), .init("batch", .right), .init("images"),
      .init("GFLOP/s", .right), .init("most of the time"), .init("network"),
    ])
    for (figures, layers) in worst {
      table.add([
        Self.ratio(figures.ratio), figures.rival.name, Format.count(figures.drawn.batchSize),
        Self.image(figures.drawn),
        Format.billions(Double(2 * figures.multiplyAdds) / figures.ours.median),
        layers.map { "\($0.name) \(Format.share($0.share))" }.joined(separator: ", "),
        figures.drawn.notation,
      ])
    }
    return """
      \(Format.counted(figures.count, "random network")) of seed \(seed), \(forwardOnly ? "forward pass" : "training step"), \
      \(context.description), \(turns(figures[0].ours.values.count)); \(RunEnvironment.processor)
      speed divided by the fastest rival's: \(parts.joined(separator: ", "))
      below 1.3: \(ratios.filter { $0 < 1.3 }.count); below 1.6: \(ratios.filter { $0 < 1.6 }.count); \
      less memory than the rival: \(lighter.count) of \(lighter.known)

      the least ratios:
      \(table.text)
      """
  }

  var json: CanonicalJSON {
    [
      "benchmark": "general", "seed": .integer(Int(clamping: seed)),
      "processor": .string(RunEnvironment.processor), "threads": .integer(context.threadCount),
      "kernels": .string(context.kernelSet.rawValue), "forward_only": .boolean(forwardOnly),
      "geometric_mean": .number(geometricMean),
      "networks": .array(
        figures.map { figures in
          [
            "arch": .string(figures.drawn.notation), "image": .string(Self.image(figures.drawn)),
            "batch_size": .integer(figures.drawn.batchSize),
            "multiply_adds": .integer(figures.multiplyAdds), "seconds": figures.ours.json,
            "peak_memory_bytes": figures.memory.map { .integer($0) } ?? .null,
            "ratio": .number(figures.ratio),
            "rivals": .array(
              figures.rivals.map {
                [
                  "program": .string($0.name), "seconds": $0.seconds.json,
                  "configuration": $0.configuration.map { .string($0) } ?? .null,
                  "peak_memory_bytes": $0.memory.map { .integer($0) } ?? .null,
                ]
              }),
          ]
        }),
    ]
  }

  private static func ratio(_ ratio: Double) -> String { Format.fixed(ratio, decimals: 2) }

  private static func image(_ drawn: RandomNetwork) -> String {
    drawn.image.array.dropFirst().map(String.init).joined(separator: "x")
  }
}
