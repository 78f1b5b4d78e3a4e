import Foundation
import Terminal
import Training

/// What was measured: images a second of each turn, ours and the rival's.
struct BenchmarkFigures {
  let ours: [Double]
  let rival: [Double]

  /// Lets the sides take turns: ours, the rival's, ours, …
  static func measure(
    _ ours: OurSide, _ rival: Rival?, rounds: Int, seconds: Double
  ) throws -> BenchmarkFigures {
    let ourSteps = try stepsOfTurn(ours, seconds: seconds)
    let rivalSteps = try rival.map { try stepsOfTurn($0, seconds: seconds) } ?? 0
    var figures: (ours: [Double], rival: [Double]) = ([], [])
    for _ in 0..<rounds {
      figures.ours.append(Double(ourSteps * ours.examples) / (try ours.take(ourSteps)))
      if let rival {
        figures.rival.append(Double(rivalSteps * ours.examples) / (try rival.take(rivalSteps)))
        // The rival's threads spin for a moment before they sleep.
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
    return BenchmarkFigures(ours: figures.ours, rival: figures.rival)
  }

  /// The steps that take about `seconds`, after some to warm up.
  private static func stepsOfTurn(_ side: some Side, seconds: Double) throws -> Int {
    _ = try side.take(3)
    var count = 2
    while true {
      let time = try side.take(count)
      if time >= seconds / 4 { return max(1, Int(Double(count) * seconds / time)) }
      count *= 2
    }
  }

  var ratios: [Double] { zip(ours, rival).map { $0 / $1 } }

  func text(title: String, precision: Precision) -> String {
    var table = TextTable([
      .init("images/s"), .init("median", .right), .init("least", .right), .init("most", .right),
    ])
    func add(_ name: String, _ values: [Double], _ format: (Double) -> String) {
      guard let least = values.min(), let most = values.max() else { return }
      table.add([name, format(Self.median(values)), format(least), format(most)])
    }
    add("this package", ours) { Format.count(Int($0)) }
    add("PyTorch \(precision.rawValue)", rival) { Format.count(Int($0)) }
    add("ratio", ratios) { Format.fixed($0, decimals: 2) }
    return "\(title), \(ours.count) turns each\n\n\(table.text)"
  }

  func json(title: String) -> String {
    func figures(_ values: [Double]) -> CanonicalJSON {
      .array(values.map { .number($0) })
    }
    var members: [CanonicalJSON.Member] = [
      .init("title", .string(title)), .init("processor", .string(RunEnvironment.processor)),
      .init("images_per_second", figures(ours)),
      .init("median", .number(Self.median(ours))),
    ]
    if !rival.isEmpty {
      members.append(.init("rival_images_per_second", figures(rival)))
      members.append(.init("rival_median", .number(Self.median(rival))))
      members.append(.init("median_ratio", .number(Self.median(ratios))))
    }
    return CanonicalJSON.object(members).text + "\n"
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
