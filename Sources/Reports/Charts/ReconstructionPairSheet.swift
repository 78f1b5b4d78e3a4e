import Terminal

/// The picture of the reconstructions of the largest loss: each image beside its reconstruction, above its class
/// and its loss.
struct ReconstructionPairSheet {
  private let result: ReconstructionResult
  private let lossName: String

  private static let columns = 4
  private static let side = 100
  private static let gap = 6
  private static let margin = 8

  init(_ result: ReconstructionResult, lossName: String) {
    self.result = result
    self.lossName = lossName
  }

  var raster: Raster {
    let cellWidth = 2 * Self.margin + 2 * Self.side + Self.gap
    let cellHeight = 2 * Self.margin + Self.side + Self.gap + 2 * GlyphFont.height
    let columns = min(Self.columns, result.worst.count)
    let rows = (result.worst.count + columns - 1) / columns
    var canvas = Canvas(width: columns * cellWidth, height: rows * cellHeight)
    let letters = (cellWidth - 2 * Self.margin) / GlyphFont.width
    for (number, example) in result.worst.enumerated() {
      let left = number % columns * cellWidth + Self.margin
      let top = number / columns * cellHeight + Self.margin
      for (part, image) in [example.original, example.reconstruction].enumerated() {
        let image = image.reduced(toSide: Self.side)
        canvas.copy(
          image, left: left + part * (Self.side + Self.gap), top: top,
          factor: max(1, Self.side / max(image.width, image.height)))
      }
      let lines = [
        "\(number + 1). \(result.report.classes[example.label].name)",
        "\(lossName) \(Format.significant(example.loss, digits: 3)), index \(example.index)",
      ]
      for (line, text) in lines.enumerated() {
        canvas.text(
          ReportText.shortened(text, to: letters), ChartStyle.ink.light, left: left,
          baseline: top + Self.side + Self.gap + GlyphFont.ascent + line * GlyphFont.height,
          isBold: line == 0)
      }
    }
    return canvas.raster
  }
}
