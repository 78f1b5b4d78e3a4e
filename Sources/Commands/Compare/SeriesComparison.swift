import Files
import Reports
import Terminal
import Training

/// The comparison of sets of seeds by Welch's t test: each with the first.
struct SeriesComparison {
  private let series: [ComparedSeries]
  /// The figures that all sets have.
  private let figures: [SeriesFigure]

  /// - Parameter series: two or more.
  /// - Throws: `Failure` for other data sets, other test splits, or no common figure.
  init(_ series: [ComparedSeries]) throws {
    for other in series.dropFirst() { try Self.check(series[0], other) }
    let common = SeriesFigure.allCases.filter { figure in
      series.allSatisfy { $0.result.values(figure) != nil }
    }
    // The loss is what an autoencoder is compared by.
    let accuracies = common.filter(\.isPercentage)
    figures = accuracies.isEmpty ? common : accuracies
    self.series = series
    guard !figures.isEmpty else {
      throw Self.refusal(
        series[1], series[0], "no figure of all its seeds", "none", "accuracy or loss")
    }
  }

  private static func refusal(
    _ other: ComparedSeries, _ first: ComparedSeries, _ problem: String, _ found: String,
    _ expected: String
  ) -> Failure {
    Failure(
      .usage,
      "\(other.path): \(problem) (found \(found), expected \(expected) as \(first.path)). "
        + "Compare seeds that were tested on the same examples.")
  }

  private static func check(_ first: ComparedSeries, _ other: ComparedSeries) throws {
    func refuse(_ problem: String, _ found: String, _ expected: String) -> Failure {
      refusal(other, first, problem, found, expected)
    }
    guard first.dataset == other.dataset else {
      throw refuse("trained on another data set", other.dataset, first.dataset)
    }
    guard first.testLimit == other.testLimit else {
      func text(_ limit: Int?) -> String { limit.map { "--limit-test \($0)" } ?? "all of it" }
      throw refuse("tested on another part", text(other.testLimit), text(first.testLimit))
    }
    guard first.testFiles == other.testFiles else {
      func text(_ files: [String]) -> String { files.last.map { "SHA-256 \($0)" } ?? "none" }
      throw refuse("tested on other files", text(other.testFiles), text(first.testFiles))
    }
  }

  private func statistics(_ figure: SeriesFigure, _ index: Int) -> SampleStatistics {
    guard let statistics = series[index].result.statistics(figure) else {
      preconditionFailure("\(figure) is a figure of all sets")
    }
    return statistics
  }

  private func test(_ figure: SeriesFigure, _ other: Int) -> WelchTest? {
    WelchTest(statistics(figure, 0), statistics(figure, other))
  }

  /// The meaning of the test of the first set and another one.
  private static func verdict(_ test: WelchTest, _ figure: SeriesFigure, _ other: Int) -> String {
    ComparisonText.verdict(
      test.pValue, first: "A", second: ComparisonPlot.letter(other),
      isBetter: figure.isPercentage ? test.difference > 0 : test.difference < 0)
  }

  /// The page with all figures side by side.
  var page: SeriesPage {
    SeriesPage(
      series.map(\.result), figures: figures, dataset: series[0].dataset, verdict: Self.verdict)
  }

  func plot(title: String) -> ComparisonPlot {
    SeriesResult.plot(title: title, series.map(\.result))
  }

  /// False if no seed of any set has metrics.
  var hasCurves: Bool { series.contains { $0.result.curves.contains { !$0.isEmpty } } }

  var text: String {
    var table = TextTable(
      [.init(""), .init("seeds of"), .init("count", .right)]
        + figures.flatMap { [.init("\($0.name)", .right), .init("std", .right)] })
    for (index, side) in series.enumerated() {
      table.add(
        [ComparisonPlot.letter(index), side.path, "\(side.result.seeds.count)"]
          + figures.flatMap { figure in
            let statistics = statistics(figure, index)
            return [
              value(statistics.mean, figure), statistics.std.map { value($0, figure) } ?? "–",
            ]
          })
    }
    let sentences = series.indices.dropFirst().map { other in
      "\n" + figures.map { sentence($0, other) }.joined()
    }
    return table.text + sentences.joined()
  }

  private func value(_ value: Double, _ figure: SeriesFigure) -> String {
    figure.isPercentage
      ? "\(Format.fixed(100 * value, decimals: 2)) %" : Format.fixed(value, decimals: 4)
  }

  private func sentence(_ figure: SeriesFigure, _ other: Int) -> String {
    let difference = statistics(figure, 0).mean - statistics(figure, other).mean
    let start =
      "\(figure.name), A − \(ComparisonPlot.letter(other)): \(figure.signedText(difference))"
      + (figure.isPercentage ? " percentage points" : "")
    guard let test = test(figure, other) else {
      return start + "; no test, as a set has one seed or neither has any spread\n"
    }
    return start + " (95 % interval \(figure.signedText(test.interval.lowerBound)) to "
      + "\(figure.signedText(test.interval.upperBound)))\n"
      + "Welch's t test: t = \(Format.significant(test.t, digits: 4)) with "
      + "\(Format.significant(test.degreesOfFreedom, digits: 4)) degrees of freedom, "
      + "p = \(ComparisonText.p(test.pValue)); \(Self.verdict(test, figure, other))\n"
  }

  // MARK: JSON

  /// Accuracies are fractions.
  var json: [CanonicalJSON.Member] {
    let head: [CanonicalJSON.Member] = [
      .init("kind", "seeds"), .init("dataset", .string(series[0].dataset)),
    ]
    guard series.count > 2 else {
      return head + [.init("a", side(0)), .init("b", side(1)), .init("welch", tests(with: 1))]
    }
    return head + [
      .init("series", .array(series.indices.map(side))),
      .init("with_first", .array(series.indices.dropFirst().map(tests))),
    ]
  }

  private func side(_ index: Int) -> CanonicalJSON {
    .object(
      [
        .init("source", .string(series[index].path)),
        .init("seeds", .integer(series[index].result.seeds.count)),
      ]
        + figures.map { figure in
          let statistics = statistics(figure, index)
          var members: [CanonicalJSON.Member] = [.init("mean", .number(statistics.mean))]
          if let std = statistics.std { members.append(.init("std", .number(std))) }
          return .init(figure.rawValue, .object(members))
        })
  }

  private func tests(with other: Int) -> CanonicalJSON {
    .object(
      figures.map { figure in
        var members: [CanonicalJSON.Member] = [
          .init(
            "difference", .number(statistics(figure, 0).mean - statistics(figure, other).mean))
        ]
        if let test = test(figure, other) {
          members += [
            .init(
              "interval_95",
              .array([.number(test.interval.lowerBound), .number(test.interval.upperBound)])),
            .init("t", .number(test.t)),
            .init("degrees_of_freedom", .number(test.degreesOfFreedom)),
            .init("p", .number(test.pValue)),
          ]
        }
        return .init(figure.rawValue, .object(members))
      })
  }
}
