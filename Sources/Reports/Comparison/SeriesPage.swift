import Terminal
import Training

/// A page that compares sets of seeds: means and standard deviations, Welch's t tests, curves with bands, and
/// the figures of every seed.
public struct SeriesPage: Sendable {
  private let results: [SeriesResult]
  private let figures: [SeriesFigure]
  private let dataset: String
  private let verdict: @Sendable (WelchTest, SeriesFigure, Int) -> String

  /// - Parameters:
  ///   - results: two to six.
  ///   - figures: those that all of them have.
  ///   - verdict: the meaning of the test of a figure of the first set and another one.
  public init(
    _ results: [SeriesResult], figures: [SeriesFigure], dataset: String,
    verdict: @escaping @Sendable (WelchTest, SeriesFigure, Int) -> String
  ) {
    precondition(
      results.count >= 2 && results.count <= ComparisonPlot.most,
      "SeriesPage of \(results.count) results")
    self.results = results
    self.figures = figures
    self.dataset = dataset
    self.verdict = verdict
  }

  private func letter(_ index: Int) -> String { ComparisonPlot.letter(index) }

  /// The content of the file. Equal comparisons give equal text.
  public var text: String {
    var sections: [HTMLPage.Section] = [
      .init("figures", "Means", means), .init("tests", "Tests", tests),
    ]
    if let curves { sections.append(.init("curves", "Curves", curves)) }
    sections.append(.init("seeds", "Every seed", seeds))
    sections.append(.init("settings", "Settings that differ", settings))
    let names = results.enumerated().map { "\(letter($0)): \($1.name)" }.joined(separator: ", ")
    return HTMLPage(
      title: "Comparison of seeds on \(dataset)", subtitle: "\(names)", sections: sections,
      isSortable: true
    ).text
  }

  private var heads: [HTMLTable.Column] {
    results.indices.map { .init("\(letter($0))", isNumber: true) }
  }

  private var means: HTML {
    var table = HTMLTable(caption: "Means over the seeds", [.init("figure")] + heads)
    table.add(["seeds of"] + results.map { "\($0.name)" })
    table.add(["number of seeds"] + results.map { "\(Format.count($0.seeds.count))" })
    for figure in figures {
      func add(_ name: String, _ value: (SampleStatistics, [Double]) -> String?) {
        table.add(
          ["\(figure.name)\(name)"]
            + results.map { result in
              guard let values = result.values(figure) else { return "–" }
              return "\(value(SampleStatistics(values), values) ?? "–")"
            })
      }
      add(", mean") { statistics, _ in figure.text(statistics.mean) }
      add(", standard deviation") { statistics, _ in statistics.std.map(figure.text) }
      add(", 95 % interval of the mean") { statistics, _ in
        statistics.interval.map {
          "\(figure.text($0.lowerBound)) to \(figure.text($0.upperBound))"
        }
      }
      add(", least") { $1.min().map(figure.text) }
      add(", greatest") { $1.max().map(figure.text) }
    }
    return
      "\(table.element)<p class=\"note\">Each seed is a run of its own on one test split. The interval is that of Student's t distribution.</p>\n"
  }

  private var tests: HTML {
    var table = HTMLTable(
      caption: "Welch's t test of the first set with each other one",
      [
        .init("pair"), .init("figure"), .init("difference", isNumber: true),
        .init("95 % interval", isNumber: true), .init("t", isNumber: true),
        .init("degrees of freedom", isNumber: true), .init("p", isNumber: true), .init("meaning"),
      ])
    for other in results.indices.dropFirst() {
      for figure in figures {
        guard let first = results[0].statistics(figure),
          let second = results[other].statistics(figure)
        else { continue }
        let unit = figure.isPercentage ? " points" : ""
        let head: [HTMLTable.Cell] = [
          "\(letter(0)) − \(letter(other))", "\(figure.name)",
          "\(figure.signedText(first.mean - second.mean))\(unit)",
        ]
        guard let test = WelchTest(first, second) else {
          table.add(head + ["–", "–", "–", "–", "a set has one seed, or neither has any spread"])
          continue
        }
        func text(_ value: Double) -> String { Format.significant(value, digits: 3) }
        table.add(
          head + [
            "\(figure.signedText(test.interval.lowerBound)) to \(figure.signedText(test.interval.upperBound))",
            "\(Format.significant(test.t, digits: 4))",
            "\(Format.significant(test.degreesOfFreedom, digits: 4))", "\(text(test.pValue))",
            "\(verdict(test, figure, other))",
          ])
      }
    }
    let several: HTML =
      results.count > 2
      ? " Of several tests, one is below 0.05 by chance more often than a single one." : ""
    return
      "\(table.element)<p class=\"note\">A p below 0.05 says that the difference of the means is hardly chance. The accuracies' differences are in percentage points.\(several)</p>\n"
  }

  /// The mean curves with their bands; nil if none is recorded.
  private var curves: HTML? {
    guard results.contains(where: { !$0.curves.isEmpty }) else { return nil }
    let panels = SeriesResult.plot(title: "", results).page.panels.map { panel in
      HTML(markup: panel.drawing.svgElement(title: "mean \(panel.heading) by epoch"))
    }
    guard !panels.isEmpty else { return nil }
    return
      "<figure>\n<div class=\"row\">\(panels)</div>\n<figcaption>The means over the seeds by epoch, with their last values. The bands are one standard deviation of the seeds wide to each side.</figcaption>\n</figure>\n"
  }

  private var settings: HTML {
    var keys: [String] = []
    for (key, _) in results.flatMap(\.settings) where !keys.contains(key) { keys.append(key) }
    let rows = keys.map { key in
      (key, results.map { result in result.settings.first { $0.key == key }?.value })
    }.filter { row in row.1.contains { $0 != row.1[0] } }
    guard !rows.isEmpty else { return "<p>All settings but the seeds are equal.</p>\n" }
    var table = HTMLTable(
      caption: "Settings that differ",
      [.init("setting")] + results.indices.map { .init("\(letter($0))") })
    for (key, values) in rows { table.add(["\(key)"] + values.map { "\($0 ?? "–")" }) }
    return table.element
  }
}

extension SeriesPage {
  /// The figures of every seed, as a picture and as a table.
  private var seeds: HTML {
    let panels = figures.map { figure in
      HTML(
        markup: panel(figure).drawing.svgElement(title: "\(figure.name) of every seed"))
    }
    var columns: [HTMLTable.Column] = [.init("seed", isNumber: true)]
    for index in results.indices {
      columns += figures.map { .init("\(letter(index)): \($0.name)", isNumber: true) }
    }
    var table = HTMLTable(caption: "Figures of every seed", columns, isSortable: true)
    let numbers = Set(results.flatMap { $0.seeds.map(\.seed) }).sorted()
    let known = results.map { result in
      Dictionary(result.seeds.map { ($0.seed, $0.values) }) { first, _ in first }
    }
    for number in numbers {
      var cells: [HTMLTable.Cell] = [.init("\("\(number)")", key: Double(number))]
      for values in known {
        cells += figures.map { figure in
          guard let value = values[number]?[figure] else { return .init("–", key: -1) }
          return .init("\(figure.text(value))", key: value)
        }
      }
      table.add(cells)
    }
    return
      "<figure>\n<div class=\"row\">\(panels)</div>\n<figcaption>A mark is a seed. The bands are the means with one standard deviation to each side.</figcaption>\n</figure>\n\(table.element)"
  }

  /// A mark for each seed, in the order of the seeds, above the letter of its set.
  private func panel(_ figure: SeriesFigure) -> PlotPanel {
    let scale = figure.isPercentage ? 100.0 : 1
    var (series, bands): ([PlotPanel.Series], [PlotPanel.Band]) = ([], [])
    var range: [Double] = []
    for (index, result) in results.enumerated() {
      let (style, mark) = ComparisonPlot.styles[index]
      let values = (result.values(figure) ?? []).map { scale * $0 }
      range += values
      // A gap after each point, so that no line joins the seeds.
      let points = values.enumerated().flatMap { place, value -> [(x: Double, y: Double?)] in
        let share = Double(2 * place + 1) / Double(2 * values.count) - 0.5
        let x = Double(index + 1) + 0.6 * share
        return [(x, value), (x, nil)]
      }
      series.append(.init(name: letter(index), style: style, mark: mark, points: points))
      guard let statistics = result.statistics(figure), let std = statistics.std else { continue }
      let (low, high) = (scale * (statistics.mean - std), scale * (statistics.mean + std))
      range += [low, high]
      bands.append(
        .init(
          style: style,
          points: [-0.4, 0.4].map { (Double(index + 1) + $0, low, high) }))
    }
    let (least, most) = (range.min() ?? 0, range.max() ?? 1)
    return PlotPanel(
      heading: figure.isPercentage ? "\(figure.name) in %" : figure.name, bands: bands,
      series: series, horizontal: .places(results.indices.map(letter)),
      vertical: .linear(least...most, upTo: figure.isPercentage ? 100 : .infinity),
      label: { _ in "" }, horizontalName: "set of seeds")
  }
}
