import Files
import Terminal
import Training

/// The comparison of two runs by McNemar's exact test.
struct RunComparison {
  private let runs: [ComparedRun]
  private let reports: [ClassificationReport]
  private let test: McNemarTest

  /// - Throws: `Failure` if the test splits differ.
  init(_ first: ComparedRun, _ second: ComparedRun) throws {
    if let difference = second.difference(from: first) {
      throw Failure(
        .usage,
        "\(second.source): its test split is not that of \(first.source) (\(difference)). "
          + "Compare runs on one test split, or give one --data-dir for both.")
    }
    runs = [first, second]
    reports = runs.map(\.report)
    test = McNemarTest(first: first.hits, second: second.hits)
  }

  var text: String {
    var table = TextTable([
      .init(""), .init("run"), .init("accuracy", .right), .init("95 % interval", .right),
      .init("views"),
    ])
    for (letter, (run, report)) in zip(["A", "B"], zip(runs, reports)) {
      let views = run.trained.configuration.testTimeAugmentation
      table.add([
        letter, run.source, Self.percent(report.accuracy),
        "\(Self.percent(report.interval.lowerBound)) … \(Self.percent(report.interval.upperBound))",
        views == .none ? "single" : views.rawValue,
      ])
    }
    let difference = 100 * (reports[0].accuracy - reports[1].accuracy)
    return table.text + "\n\(Format.count(test.count)) test examples: both are right on "
      + "\(Format.count(test.bothRight)), only A on \(Format.count(test.onlyFirst)), "
      + "only B on \(Format.count(test.onlySecond)), neither on \(Format.count(test.bothWrong))\n"
      + "A − B: \(ComparisonText.signed(difference)) percentage points\n"
      + "McNemar's exact test: p = \(ComparisonText.p(test.pValue)); "
      + "\(ComparisonText.verdict(test.pValue, first: "A", isBetter: difference > 0))\n"
  }

  var json: [CanonicalJSON.Member] {
    let sides = zip(runs, reports).map { run, report -> CanonicalJSON in
      [
        "source": .string(run.source), "checkpoint": .string(run.trained.path),
        "tta": .string(run.trained.configuration.testTimeAugmentation.rawValue),
        "accuracy": .number(report.accuracy),
        "interval_95": .array([
          .number(report.interval.lowerBound), .number(report.interval.upperBound),
        ]),
      ]
    }
    return [
      .init("kind", "runs"), .init("dataset", .string(runs[0].trained.model.dataset)),
      .init("examples", .integer(test.count)), .init("a", sides[0]), .init("b", sides[1]),
      .init("difference", .number(reports[0].accuracy - reports[1].accuracy)),
      .init("both_right", .integer(test.bothRight)), .init("only_a", .integer(test.onlyFirst)),
      .init("only_b", .integer(test.onlySecond)), .init("both_wrong", .integer(test.bothWrong)),
      .init("mcnemar", ["p": .number(test.pValue)]),
    ]
  }

  private static func percent(_ share: Double) -> String {
    "\(Format.fixed(100 * share, decimals: 2)) %"
  }
}

/// The words of a comparison's figures.
enum ComparisonText {
  /// A number with its sign: `+0.32`.
  static func signed(_ value: Double) -> String {
    (value < 0 ? "−" : "+") + Format.fixed(abs(value), decimals: 2)
  }

  static func p(_ value: Double) -> String { Format.significant(value, digits: 3) }

  /// The meaning of a p value at the level of 5 %.
  static func verdict(_ p: Double, first: String, isBetter: Bool) -> String {
    p < 0.05
      ? "\(isBetter ? first : "B") is better by more than chance (p < 0.05)"
      : "the difference may be chance (p ≥ 0.05)"
  }
}
