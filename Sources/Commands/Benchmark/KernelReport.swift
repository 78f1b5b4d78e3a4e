import Benchmarking
import Files
import Layers
import Tensors
import Terminal
import Training

/// The measurements of one layer with one algorithm and one kernel set.
struct KernelFigures {
  let problem: KernelProblem
  let algorithm: String
  let kernelSet: KernelSet
  /// The multiply-adds of one pass over the batch.
  let multiplyAdds: Int
  /// The peak operations per second, in each turn.
  let peak: Measurements
  /// The seconds for one batch, in each turn.
  let seconds: [(pass: KernelsCommand.Pass, seconds: Measurements)]

  func rate(_ seconds: Measurements) -> Measurements {
    seconds.map { Double(2 * multiplyAdds) / $0 }
  }

  func shareOfPeak(_ seconds: Measurements) -> Measurements {
    rate(seconds).with(peak) { $0 / $1 }
  }

  /// Measures one layer with all algorithms, passes and kernel sets in turn.
  static func measure(
    _ problem: KernelProblem, algorithms: [String], passes: [KernelsCommand.Pass],
    contexts: [Context], rounds: Int, seconds: Double
  ) throws -> [KernelFigures] {
    let runs = runs(for: passes)
    var sides: [InterleavedTiming.Side] = []
    var operations = [Int](repeating: 0, count: contexts.count)
    var benchmarks: [[KernelBenchmark]] = []
    for (index, context) in contexts.enumerated() {
      let peak = PeakBenchmark(context)
      sides.append(.init(seconds: seconds, timing: { operations[index] = peak.run() }))
      let those = algorithms.compactMap {
        KernelBenchmark(problem, algorithm: $0, context: context)
      }
      for benchmark in those {
        for run in runs {
          sides.append(.init(seconds: seconds, timing: { benchmark.run(run) }))
        }
      }
      benchmarks.append(those)
    }
    var measured = try InterleavedTiming.measure(sides, rounds: rounds)[...]

    var rows: [KernelFigures] = []
    for (index, context) in contexts.enumerated() {
      let peak = measured.removeFirst().map { Double(operations[index]) / $0 }
      for benchmark in benchmarks[index] {
        let times = Array(measured.prefix(runs.count))
        measured = measured.dropFirst(runs.count)
        rows.append(
          KernelFigures(
            problem: problem, algorithm: benchmark.algorithm, kernelSet: context.kernelSet,
            multiplyAdds: problem.batchSize * problem.multiplyAdds, peak: peak,
            seconds: passes.map { ($0, time(of: $0, runs, times)) }))
      }
    }
    return rows
  }

  private static func runs(for passes: [KernelsCommand.Pass]) -> [KernelBenchmark.Run] {
    KernelBenchmark.Run.allCases.filter { run in
      switch run {
      case .forward: passes.contains(.forward)
      case .inference: passes.contains(.inference)
      case .weights: passes.contains(.weights) || passes.contains(.data)
      case .gradients: passes.contains(.data)
      }
    }
  }

  /// The time of backward data is the time of both backward passes minus that of backward weights.
  private static func time(
    of pass: KernelsCommand.Pass, _ runs: [KernelBenchmark.Run], _ times: [Measurements]
  ) -> Measurements {
    func time(_ run: KernelBenchmark.Run) -> Measurements { times[runs.firstIndex(of: run)!] }
    return switch pass {
    case .forward: time(.forward)
    case .inference: time(.inference)
    case .weights: time(.weights)
    case .data: time(.gradients).with(time(.weights)) { max($0 - $1, 1e-9) }
    }
  }
}

/// The results of all layers: one table, or one JSON object.
struct KernelReport: Report {
  let passes: [KernelsCommand.Pass]
  let batchSize: Int
  let threads: Int
  var rows: [KernelFigures] = []

  var text: String {
    var table = TextTable(
      [.init("layer"), .init("algorithm"), .init("kernels")]
        + passes.flatMap { pass -> [TextTable.Column] in
          [.init(pass.rawValue, .right), .init("of peak*", .right), .init("ms", .right)]
        }, rowHeadings: 3)
    var last: KernelProblem?
    for row in rows {
      table.add(
        [row.problem == last ? "" : "\(row.problem)", row.algorithm, row.kernelSet.rawValue]
          + row.seconds.flatMap { _, seconds in
            [
              Format.billions(row.rate(seconds).median),
              Format.share(row.shareOfPeak(seconds).median), Format.milliseconds(seconds.median),
            ]
          })
      last = row.problem
    }
    return """
      GFLOP/s, share of the peak and milliseconds of a batch of \(batchSize), \
      \(Format.counted(threads, "thread")), \
      \(turns(rows[0].peak.values.count)); \(RunEnvironment.processor)
      peak: \(peaks)

      \(table.text)
      * \(countNote)

      """
  }

  /// The peak of each kernel set, as the median over all layers.
  private var peaks: String {
    KernelSet.allCases.compactMap { set in
      let all = rows.filter { $0.kernelSet == set }.flatMap(\.peak.values)
      return all.isEmpty
        ? nil : "\(set.rawValue) \(Format.billions(Measurements(all).median)) GFLOP/s"
    }.joined(separator: ", ")
  }

  var json: CanonicalJSON {
    [
      "benchmark": "kernels", "processor": .string(RunEnvironment.processor),
      "batch_size": .integer(batchSize), "threads": .integer(threads), "counts": .string(countNote),
      "rows": .array(
        rows.map { row in
          [
            "layer": .string("\(row.problem)"), "algorithm": .string(row.algorithm),
            "kernels": .string(row.kernelSet.rawValue),
            "is_chosen": .boolean(
              [row.problem.chosenAlgorithm, row.problem.chosenTile].contains(row.algorithm)),
            "cost_counts": .array(
              row.problem.costCounts(of: row.algorithm).map { .number($0) }),
            "multiply_adds": .integer(row.multiplyAdds), "peak_flops_per_second": row.peak.json,
            "passes": .array(
              row.seconds.map { pass, seconds in
                [
                  "pass": .string(pass.rawValue), "seconds": seconds.json,
                  "flops_per_second": row.rate(seconds).json,
                  "share_of_peak": row.shareOfPeak(seconds).json,
                ]
              }),
          ]
        }),
    ]
  }
}
