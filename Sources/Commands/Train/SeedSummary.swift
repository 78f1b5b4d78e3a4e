import Files
import Terminal
import Training

/// The results of a series of seeds: a table and `summary.json`.
struct SeedSummary {
  private let results: [SeedSeries.Result]
  private let claim: RecipeClaim?

  /// - Precondition: at least one result.
  init(_ results: [SeedSeries.Result], claim: RecipeClaim?) {
    self.results = results
    self.claim = claim
  }

  private var seconds: Double { results.reduce(0) { $0 + $1.seconds } }

  /// The columns with a value for every run, as percentages or as losses.
  private var columns: [(name: String, values: [Double], isPercentage: Bool)] {
    func column(
      _ name: String, _ isPercentage: Bool, _ value: (TestRecord) -> Double?
    ) -> (String, [Double], Bool)? {
      let values = results.compactMap { value($0.test) }
      return values.count == results.count ? (name, values, isPercentage) : nil
    }
    return [
      column("accuracy", true) { $0.accuracy.map { 100 * $0 } },
      column("single view", true) { $0.singleViewAccuracy.map { 100 * $0 } },
      column("loss", false) { $0.loss },
    ].compactMap { $0 }
  }

  /// `summary.json`: accuracies are fractions.
  var json: CanonicalJSON {
    var members: [CanonicalJSON.Member] = [
      .init("runs", .array(results.map(Self.json))), .init("seconds", .number(seconds)),
    ]
    for column in columns {
      let scale = column.isPercentage ? 0.01 : 1
      let statistics = SampleStatistics(column.values)
      var values: [CanonicalJSON.Member] = [
        .init("count", .integer(statistics.count)), .init("mean", .number(statistics.mean * scale)),
      ]
      if let std = statistics.std, let interval = statistics.interval {
        values += [
          .init("std", .number(std * scale)),
          .init(
            "interval_95",
            .array([
              .number(interval.lowerBound * scale), .number(interval.upperBound * scale),
            ])),
        ]
      }
      members.append(
        .init(column.name.replacing(" ", with: "_"), .object(values)))
    }
    if let text = claim?.accuracyText { members.append(.init("expected", .string(text))) }
    return .object(members)
  }

  /// The seed of a run in `summary.json`. A seed that is no `Int` is text there.
  static func seed(in run: CanonicalJSON) -> UInt64? {
    if case .string(let text)? = run["seed"] { return UInt64(text) }
    return run["seed"]?.asWholeNumber.flatMap { UInt64(exactly: $0) }
  }

  private static func json(_ result: SeedSeries.Result) -> CanonicalJSON {
    var members: [CanonicalJSON.Member] = [
      .init("seed", Int(exactly: result.seed).map { .integer($0) } ?? .string("\(result.seed)")),
      .init("loss", .number(result.test.loss)), .init("seconds", .number(result.seconds)),
    ]
    if let accuracy = result.test.accuracy { members.append(.init("accuracy", .number(accuracy))) }
    if let accuracy = result.test.singleViewAccuracy {
      members.append(.init("single_view_accuracy", .number(accuracy)))
    }
    return .object(members)
  }

  var text: String {
    let columns = columns
    var table = TextTable(
      [.init("seed", .right)] + columns.map { .init($0.name, .right) } + [.init("time", .right)])
    func cell(_ value: Double, _ isPercentage: Bool) -> String {
      isPercentage ? "\(Format.fixed(value, decimals: 2)) %" : Format.fixed(value, decimals: 4)
    }
    for (place, result) in results.enumerated() {
      table.add(
        ["\(result.seed)"] + columns.map { cell($0.values[place], $0.isPercentage) }
          + ["\(Format.fixed(result.seconds, decimals: 1)) s"])
    }
    let statistics = columns.map { (SampleStatistics($0.values), $0.isPercentage) }
    table.addRule()
    table.add(
      ["mean"] + statistics.map { cell($0.0.mean, $0.1) }
        + ["\(Format.fixed(seconds / Double(results.count), decimals: 1)) s"])
    if results.count > 1 {
      table.add(["std"] + statistics.map { cell($0.0.std ?? 0, $0.1) } + [""])
    }
    var text = table.text
    for (column, (statistics, isPercentage)) in zip(columns, statistics) {
      guard let interval = statistics.interval else { continue }
      text +=
        "\(column.name): the true mean lies between "
        + "\(cell(interval.lowerBound, isPercentage)) and "
        + "\(cell(interval.upperBound, isPercentage)) (95 %)\n"
    }
    if let claim, let expected = claim.accuracyText,
      let accuracy = columns.first(where: { $0.name == "accuracy" })
    {
      let mean = SampleStatistics(accuracy.values).mean
      text += RecipeMatch(claim, accuracy: mean, seeds: results.count, expected: expected).text
    }
    return text
  }
}

/// The sentence that compares a result with a recipe's claim.
struct RecipeMatch {
  let text: String

  /// - Parameter accuracy: a percentage.
  init(_ claim: RecipeClaim, accuracy: Double, seeds: Int, expected: String) {
    let found = "\(Format.fixed(accuracy, decimals: 2)) %"
    text =
      switch claim.match(accuracy, seeds: seeds) {
      case .matches: "the recipe promises \(expected): \(found) matches it\n"
      case .below: "the recipe promises \(expected): \(found) is below it\n"
      case .above: "the recipe promises \(expected): \(found) is above it\n"
      case nil: "the recipe promises \(expected), and \(found) was reached\n"
      }
  }
}
