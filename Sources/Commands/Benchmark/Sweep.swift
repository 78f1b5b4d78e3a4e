import ArgumentParser
import Benchmarking
import Files
import Layers
import Networks
import Tensors
import Terminal
import Training

/// Measures how the cost of a step grows with one quantity; all its values take turns.
enum Sweep {
  enum Kind: String, ExpressibleByArgument, CaseIterable {
    case batch, threads, kernels, channels, size

    /// True for channels and image size, which named models fix. These sweeps measure two
    /// convolutions instead.
    var hasItsOwnNetwork: Bool { self == .channels || self == .size }
  }

  /// One value of the quantity, and the step to measure.
  struct Value {
    let name: String
    let batchSize: Int
    let benchmark: StepBenchmark
  }
}

extension Sweep.Kind {
  func measure(
    _ settings: Configuration, _ forward: ForwardOptions, batchSizeIsGiven: Bool, rounds: Int,
    seconds: Double
  ) throws -> SweepReport {
    let values = try values(settings, forward, batchSizeIsGiven: batchSizeIsGiven)
    let measured = try InterleavedTiming.measure(
      values.map { InterleavedTiming.Side(seconds: seconds, timing: $0.benchmark.run) },
      rounds: rounds)
    let network = hasItsOwnNetwork ? Self.ownNetwork("…") : settings.network?.name ?? ""
    return SweepReport(
      quantity: rawValue, network: network, forwardOnly: forward.forwardOnly,
      context: self == .threads || self == .kernels ? nil : try Context(settings),
      rows: zip(values, measured).map { value, seconds in
        .init(
          value: value.name, batchSize: value.batchSize,
          multiplyAdds: value.benchmark.multiplyAdds, seconds: seconds)
      })
  }

  private func values(
    _ settings: Configuration, _ forward: ForwardOptions, batchSizeIsGiven: Bool
  ) throws -> [Sweep.Value] {
    func value(
      _ name: String, _ network: Sequential, batchSize: Int, _ context: Context
    ) throws -> Sweep.Value {
      Sweep.Value(
        name: name, batchSize: batchSize,
        benchmark: try StepBenchmark(
          network, batchSize: batchSize, training: !forward.forwardOnly, exact: forward.exact,
          context: context))
    }
    func named(batchSize: Int) throws -> Sequential {
      var settings = settings
      settings.batchSize = batchSize
      return try StepBenchmark.network(settings)
    }
    let ownBatchSize = batchSizeIsGiven ? settings.batchSize : 32
    func own(_ channels: Int, extent: Int) throws -> Sequential {
      var settings = settings
      settings.batchSize = ownBatchSize
      let network = try Architecture(Self.ownNetwork("\(channels)")).network(
        input: [1, extent, extent, 3], classes: 10)
      try settings.chooseConvolutionAlgorithms(of: network)
      network.initialize(seed: settings.seed)
      return network
    }
    let context = try Context(settings)
    switch self {
    case .batch:
      let greatest = batchSizeIsGiven ? settings.batchSize : 512
      return try Self.doublings(from: 1, to: greatest).map {
        try value("\($0)", named(batchSize: $0), batchSize: $0, context)
      }
    case .threads:
      return try Self.doublings(from: 1, to: context.threadCount).map {
        try value(
          "\($0)", named(batchSize: settings.batchSize), batchSize: settings.batchSize,
          Context(starting: $0, kernelSet: context.kernelSet))
      }
    case .kernels:
      // The portable set serves as reference and is not fast.
      let sets = KernelSet.available.filter { $0 != .portable }
      return try (sets.isEmpty ? [.portable] : sets).map {
        try value(
          $0.rawValue, named(batchSize: settings.batchSize), batchSize: settings.batchSize,
          Context(starting: context.threadCount, kernelSet: $0))
      }
    case .channels:
      return try [8, 16, 32, 64, 128, 256].map {
        try value("\($0)", own($0, extent: 16), batchSize: ownBatchSize, context)
      }
    case .size:
      return try [8, 16, 32, 64, 128].map {
        try value("\($0)×\($0)", own(32, extent: $0), batchSize: ownBatchSize, context)
      }
    }
  }

  private static func ownNetwork(_ channels: String) -> String {
    "conv(\(channels),3) relu conv(\(channels),3) relu pool(2) fc(classes)"
  }

  /// `first`, 2·`first`, 4·`first` and so on below `last`, and `last`.
  static func doublings(from first: Int, to last: Int) -> [Int] {
    var values: [Int] = []
    var value = first
    while value < last {
      values.append(value)
      value *= 2
    }
    return values + [last]
  }
}

/// The table of a sweep.
struct SweepReport: Report {
  struct Row {
    let value: String
    let batchSize: Int
    /// The multiply-adds of one step.
    let multiplyAdds: Int
    /// The seconds for one step, in each turn.
    let seconds: Measurements

    var secondsOfImage: Measurements { seconds.map { $0 / Double(batchSize) } }
    var rate: Measurements { seconds.map { Double(2 * multiplyAdds) / $0 } }
  }

  let quantity: String
  let network: String
  let forwardOnly: Bool
  /// The context of all rows; nil if rows differ in threads or kernels.
  let context: Context?
  let rows: [Row]

  private var pass: String { forwardOnly ? "forward pass" : "training step" }

  /// The speed per image relative to the first row.
  private func speed(_ row: Row) -> Measurements {
    rows[0].secondsOfImage.with(row.secondsOfImage) { $0 / $1 }
  }

  var text: String {
    var table = TextTable([
      .init(quantity, quantity == "kernels" ? .left : .right), .init("batch", .right),
      .init("images/s", .right),
      .init("ms a step", .right), .init("GFLOP/s", .right), .init("to the first", .right),
    ])
    for row in rows {
      table.add([
        row.value, "\(row.batchSize)", Format.count(Int(1 / row.secondsOfImage.median)),
        Format.milliseconds(row.seconds.median), Format.billions(row.rate.median),
        Format.fixed(speed(row).median, decimals: 2),
      ])
    }
    let place = [context?.description, turns(rows[0].seconds.values.count)].compactMap { $0 }
    return """
      \(pass) of \(network) by \(quantity), \(place.joined(separator: ", ")); \
      \(RunEnvironment.processor)

      \(table.text)
      \(countNote)

      """
  }

  var json: CanonicalJSON {
    [
      "benchmark": .string(pass), "processor": .string(RunEnvironment.processor),
      "network": .string(network), "quantity": .string(quantity),
      "threads": context.map { .integer($0.threadCount) } ?? .null,
      "kernels": context.map { .string($0.kernelSet.rawValue) } ?? .null,
      "rows": .array(
        rows.map { row in
          [
            "value": .string(row.value), "batch_size": .integer(row.batchSize),
            "multiply_adds": .integer(row.multiplyAdds), "seconds": row.seconds.json,
            "flops_per_second": row.rate.json, "images_to_the_first": speed(row).json,
          ]
        }),
    ]
  }
}
