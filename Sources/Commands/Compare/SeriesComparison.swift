import Files
import Terminal
import Training

/// The comparison of two sets of seeds by Welch's t test.
struct SeriesComparison {
  /// A figure that both series have.
  private struct Figure {
    let key: String
    let name: String
    let isPercentage: Bool
    let first: SampleStatistics
    let second: SampleStatistics
    let test: WelchTest?
  }

  private let series: [ComparedSeries]
  private let figures: [Figure]

  /// - Throws: `Failure` for other data sets, other test splits, or no common figure.
  init(_ first: ComparedSeries, _ second: ComparedSeries) throws {
    func refuse(_ problem: String, _ found: String, _ expected: String) -> Failure {
      Failure(
        .usage,
        "\(second.path): \(problem) (found \(found), expected \(expected) as \(first.path)). "
          + "Compare seeds that were tested on the same examples.")
    }
    guard first.dataset == second.dataset else {
      throw refuse("trained on another data set", second.dataset, first.dataset)
    }
    guard first.testLimit == second.testLimit else {
      func text(_ limit: Int?) -> String { limit.map { "--limit-test \($0)" } ?? "all of it" }
      throw refuse("tested on another part", text(second.testLimit), text(first.testLimit))
    }
    guard first.testFiles == second.testFiles else {
      func text(_ files: [String]) -> String { files.last.map { "SHA-256 \($0)" } ?? "none" }
      throw refuse("tested on other files", text(second.testFiles), text(first.testFiles))
    }
    series = [first, second]
    let kinds = [
      ("accuracy", "accuracy", true), ("single_view_accuracy", "single view", true),
      ("loss", "loss", false),
    ]
    let common = kinds.compactMap { key, name, isPercentage -> Figure? in
      guard let a = first.statistics(key), let b = second.statistics(key) else { return nil }
      return Figure(
        key: key, name: name, isPercentage: isPercentage, first: a, second: b,
        test: WelchTest(a, b))
    }
    // The loss is what an autoencoder is compared by.
    let accuracies = common.filter(\.isPercentage)
    figures = accuracies.isEmpty ? common : accuracies
    guard !figures.isEmpty else {
      throw refuse("no figure of all its seeds", "none", "accuracy or loss")
    }
  }

  var text: String {
    var table = TextTable(
      [.init(""), .init("seeds of"), .init("count", .right)]
        + figures.flatMap { [.init("\($0.name)", .right), .init("std", .right)] })
    for (letter, side) in [("A", 0), ("B", 1)] {
      table.add(
        [letter, series[side].path, "\(series[side].seeds.count)"]
          + figures.flatMap { figure in
            let statistics = side == 0 ? figure.first : figure.second
            return [
              value(statistics.mean, figure), statistics.std.map { value($0, figure) } ?? "–",
            ]
          })
    }
    return table.text + "\n" + figures.map(sentence).joined()
  }

  private func value(_ value: Double, _ figure: Figure) -> String {
    figure.isPercentage
      ? "\(Format.fixed(100 * value, decimals: 2)) %" : Format.fixed(value, decimals: 4)
  }

  private func sentence(_ figure: Figure) -> String {
    let scale = figure.isPercentage ? 100.0 : 1
    let difference = scale * (figure.first.mean - figure.second.mean)
    func text(_ value: Double) -> String {
      figure.isPercentage
        ? ComparisonText.signed(value)
        : (value < 0 ? "−" : "+") + Format.fixed(abs(value), decimals: 4)
    }
    let start =
      "\(figure.name), A − B: \(text(difference))"
      + (figure.isPercentage ? " percentage points" : "")
    guard let test = figure.test else {
      return start + "; no test, as a set has one seed or neither has any spread\n"
    }
    let isBetter = figure.isPercentage ? difference > 0 : difference < 0
    return start + " (95 % interval \(text(scale * test.interval.lowerBound)) to "
      + "\(text(scale * test.interval.upperBound)))\n"
      + "Welch's t test: t = \(Format.significant(test.t, digits: 4)) with "
      + "\(Format.significant(test.degreesOfFreedom, digits: 4)) degrees of freedom, "
      + "p = \(ComparisonText.p(test.pValue)); "
      + "\(ComparisonText.verdict(test.pValue, first: "A", isBetter: isBetter))\n"
  }

  /// Accuracies are fractions.
  var json: [CanonicalJSON.Member] {
    func side(_ series: ComparedSeries, _ path: (Figure) -> SampleStatistics) -> CanonicalJSON {
      .object(
        [
          .init("source", .string(series.path)), .init("seeds", .integer(series.seeds.count)),
        ]
          + figures.map { figure in
            var members: [CanonicalJSON.Member] = [.init("mean", .number(path(figure).mean))]
            if let std = path(figure).std { members.append(.init("std", .number(std))) }
            return .init(figure.key, .object(members))
          })
    }
    let tests = figures.map { figure -> CanonicalJSON.Member in
      var members: [CanonicalJSON.Member] = [
        .init("difference", .number(figure.first.mean - figure.second.mean))
      ]
      if let test = figure.test {
        members += [
          .init(
            "interval_95",
            .array([.number(test.interval.lowerBound), .number(test.interval.upperBound)])),
          .init("t", .number(test.t)),
          .init("degrees_of_freedom", .number(test.degreesOfFreedom)),
          .init("p", .number(test.pValue)),
        ]
      }
      return .init(figure.key, .object(members))
    }
    return [
      .init("kind", "seeds"), .init("dataset", .string(series[0].dataset)),
      .init("a", side(series[0]) { $0.first }), .init("b", side(series[1]) { $0.second }),
      .init("welch", .object(tests)),
    ]
  }
}
