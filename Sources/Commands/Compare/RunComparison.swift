import Files
import Reports
import Terminal
import Training

/// The comparison of runs by McNemar's exact test: each with the first.
struct RunComparison {
  private let runs: [ComparedRun]
  /// The test of the first run with each of the others.
  private let tests: [McNemarTest]

  /// - Parameter runs: two or more.
  /// - Throws: `Failure` if the test splits differ.
  init(_ runs: [ComparedRun]) throws {
    let first = runs[0]
    for other in runs.dropFirst() {
      guard let difference = other.difference(from: first) else { continue }
      throw Failure(
        .usage,
        "\(other.source): its test split is not that of \(first.source) (\(difference)). "
          + "Compare runs on one test split, or give one --data-dir for both.")
    }
    self.runs = runs
    tests = runs.dropFirst().map { McNemarTest(first: first.hits, second: $0.hits) }
  }

  /// The page with all figures side by side.
  var page: ComparisonPage {
    ComparisonPage(
      runs.map(\.result),
      pairs: tests.enumerated().map { index, test in .init(0, index + 1, test) })
  }

  var text: String {
    var table = TextTable([
      .init(""), .init("run"), .init("accuracy", .right), .init("95 % interval", .right),
      .init("views"),
    ])
    for (index, run) in runs.enumerated() {
      let views = run.trained.configuration.testTimeAugmentation
      table.add([
        ComparisonPlot.letter(index), run.source, Self.percent(run.report.accuracy),
        "\(Self.percent(run.report.interval.lowerBound)) … "
          + Self.percent(run.report.interval.upperBound),
        views == .none ? "single" : views.rawValue,
      ])
    }
    return table.text
      + tests.enumerated().map { text(of: $1, with: $0 + 1) }.joined()
  }

  /// The test of the first run with the run number `index`.
  private func text(of test: McNemarTest, with index: Int) -> String {
    let letter = ComparisonPlot.letter(index)
    let difference = difference(index)
    return "\n\(Format.counted(test.count, "test example")): both are right on "
      + "\(Format.count(test.bothRight)), only A on \(Format.count(test.onlyFirst)), "
      + "only \(letter) on \(Format.count(test.onlySecond)), neither on "
      + "\(Format.count(test.bothWrong))\n"
      + "A − \(letter): \(ComparisonText.signed(100 * difference)) percentage points\n"
      + "McNemar's exact test: p = \(ComparisonText.p(test.pValue)); "
      + ComparisonText.verdict(
        test.pValue, first: "A", second: letter, isBetter: difference > 0) + "\n"
  }

  /// The accuracy of the first run minus that of the run number `index`.
  private func difference(_ index: Int) -> Double {
    runs[0].report.accuracy - runs[index].report.accuracy
  }

  /// Two runs are `a` and `b` beside their test. More runs are a list, and so are the tests.
  var json: [CanonicalJSON.Member] {
    let sides = runs.map { run -> CanonicalJSON in
      [
        "source": .string(run.source), "checkpoint": .string(run.trained.path),
        "tta": .string(run.trained.configuration.testTimeAugmentation.rawValue),
        "accuracy": .number(run.report.accuracy),
        "interval_95": .array([
          .number(run.report.interval.lowerBound), .number(run.report.interval.upperBound),
        ]),
      ]
    }
    let head: [CanonicalJSON.Member] = [
      .init("kind", "runs"), .init("dataset", .string(runs[0].trained.model.dataset)),
      .init("examples", .integer(tests[0].count)),
    ]
    guard runs.count > 2 else {
      return head + [.init("a", sides[0]), .init("b", sides[1])] + members(of: tests[0], with: 1)
    }
    return head + [
      .init("runs", .array(sides)),
      .init(
        "with_first",
        .array(tests.enumerated().map { .object(members(of: $1, with: $0 + 1)) })),
    ]
  }

  private func members(of test: McNemarTest, with index: Int) -> [CanonicalJSON.Member] {
    [
      .init("difference", .number(difference(index))),
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
  static func verdict(
    _ p: Double, first: String, second: String = "B", isBetter: Bool
  ) -> String {
    p < 0.05
      ? "\(isBetter ? first : second) is better by more than chance (p < 0.05)"
      : "the difference may be chance (p ≥ 0.05)"
  }
}
