import Terminal
import Training

/// The picture of a confusion matrix: a row for each true class, a column for each predicted class.
///
/// The color of a cell is that of its share of its row (``HeatScale``): blue on the diagonal, orange
/// elsewhere. Columns have the numbers of the classes, rows also their names. Numbers that do not fit into
/// the cells are left out.
struct ConfusionSheet {
  enum Content {
    /// The number of examples in each cell.
    case counts
    /// The percentage of the row in each cell.
    case shares
  }

  private let report: ClassificationReport
  private let labels: [String]
  private let content: Content
  private let cell: Int

  private static let longestName = 16
  private static let margin = 12
  private static let greatestSide = 1000

  init(_ report: ClassificationReport, names: [String], content: Content) {
    self.report = report
    self.content = content
    let namesAreNumbers = names.indices.allSatisfy { names[$0] == "\($0)" }
    labels = names.enumerated().map { index, name in
      namesAreNumbers
        ? name : "\(ReportText.shortened(name, to: Self.longestName)) \(index)"
    }
    cell = max(6, min(54, Self.greatestSide / names.count))
  }

  var raster: Raster {
    let count = report.classes.count
    let glyph = GlyphFont.width
    let longest = labels.map { GlyphFont.scalars(of: $0).count }.max() ?? 0
    // If rows are lower than letters, only some rows have a label.
    let every = (GlyphFont.height + cell - 1) / cell
    let left = Self.margin + longest * glyph + 8
    let top = Self.margin + 2 * GlyphFont.height + 10
    let heading = "true class (row), predicted class (column)"
    var canvas = Canvas(
      width: max(left + count * cell, heading.count * glyph + Self.margin) + Self.margin,
      height: top + count * cell + Self.margin)
    let ink = ChartStyle.ink.light
    canvas.text(heading, ink, left: Self.margin, baseline: Self.margin + GlyphFont.ascent)
    let columnEvery = max(1, ("\(count - 1)".count * glyph + 9 + cell - 1) / cell)
    for label in 0..<count {
      if label % columnEvery == 0 {
        write("\(label)", ink, middle: left + label * cell + cell / 2, top: top - 20, &canvas)
      }
      if label % every == 0 {
        let text = labels[label]
        canvas.text(
          text, ink, left: left - 8 - GlyphFont.scalars(of: text).count * glyph,
          baseline: top + label * cell + cell / 2 + 5)
      }
      for prediction in 0..<count {
        draw(label, prediction, left: left + prediction * cell, top: top + label * cell, &canvas)
      }
    }
    return canvas.raster
  }

  private func draw(
    _ label: Int, _ prediction: Int, left: Int, top: Int, _ canvas: inout Canvas
  ) {
    let share = report.share(label, prediction)
    let step = HeatScale.step(of: share)
    let (color, ink) = HeatScale.light(step: step, isRight: label == prediction)
    let gap = cell > 12 ? 1 : 0
    canvas.fill(
      step == 0 ? ChartStyle.Color(0xf6f8fa) : color, left: left, top: top, width: cell - gap,
      height: cell - gap)
    guard step > 0 else { return }
    let text =
      switch content {
      case .counts: "\(report.confusion[label][prediction])"
      case .shares: ConfusionText.percent(share)
      }
    guard text.count * GlyphFont.width <= cell - 2, cell >= GlyphFont.height else { return }
    write(text, ink, middle: left + cell / 2, top: top + cell / 2 - 9, &canvas)
  }

  private func write(
    _ text: String, _ color: ChartStyle.Color, middle: Int, top: Int, _ canvas: inout Canvas
  ) {
    canvas.text(
      text, color, left: middle - GlyphFont.scalars(of: text).count * GlyphFont.width / 2,
      baseline: top + GlyphFont.ascent)
  }
}

/// The numbers in the cells of a normalized confusion matrix.
enum ConfusionText {
  /// A share in percent: `99.1`, `0.4`, `100`; `<0.1` for what would round to 0.
  static func percent(_ share: Double) -> String {
    if share == 1 { return "100" }
    if share > 0, share < 0.0005 { return "<0.1" }
    // 99.96 % is not all.
    return share > 0.9995 ? ">99.9" : Format.fixed(100 * share, decimals: 1)
  }
}
