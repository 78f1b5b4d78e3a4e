import Terminal

/// The picture of some mistakes: each image above its true class and its three most probable classes.
struct MistakeSheet {
  private let result: ClassificationResult
  private let places: [Int]

  private static let columns = 5
  private static let cellWidth = 200
  private static let side = 140
  private static let margin = 8

  init(_ result: ClassificationResult, places: [Int]) {
    self.result = result
    self.places = places
  }

  var raster: Raster {
    let lines = 1 + min(3, result.examples.classes)
    let cellHeight = Self.margin + Self.side + 6 + lines * GlyphFont.height + Self.margin
    let columns = min(Self.columns, max(places.count, 1))
    let rows = (places.count + columns - 1) / columns
    var canvas = Canvas(width: columns * Self.cellWidth, height: max(1, rows * cellHeight))
    for (number, place) in places.enumerated() {
      let left = number % columns * Self.cellWidth + Self.margin
      let top = number / columns * cellHeight + Self.margin
      let image = result.image(place).reduced(toSide: Self.side)
      canvas.copy(
        image, left: left, top: top, factor: max(1, Self.side / max(image.width, image.height)))
      for (line, text) in texts(number + 1, place).enumerated() {
        canvas.text(
          text, ChartStyle.ink.light, left: left,
          baseline: top + Self.side + 6 + GlyphFont.ascent + line * GlyphFont.height,
          isBold: line == 0)
      }
    }
    return canvas.raster
  }

  private func texts(_ number: Int, _ place: Int) -> [String] {
    let letters = (Self.cellWidth - 2 * Self.margin) / GlyphFont.width
    let heading = "\(number). true: \(result.name(result.examples.labels[place]))"
    return [ReportText.shortened(heading, to: letters)]
      + result.examples.ranked(place: place, count: 3).map { ranked in
        let probability = Format.percent(ranked.probability, decimals: 1)
        let name = ReportText.shortened(
          result.name(ranked.label), to: letters - probability.count - 1)
        return "\(name) \(probability)"
      }
  }
}
