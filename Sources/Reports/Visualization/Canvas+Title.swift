extension Canvas {
  /// A canvas with lines at its top, the first in bold, and room for a picture below them.
  ///
  /// - Parameters:
  ///   - width, height: the extents of the picture. The canvas is wider if a line is.
  ///   - margin: the room on all sides of lines and picture.
  /// - Returns: the canvas, and the first row of the picture; its first column is `margin`.
  static func titled(
    _ lines: [String], width: Int, height: Int, margin: Int
  ) -> (canvas: Canvas, top: Int) {
    let top = margin + lines.count * GlyphFont.height + 8
    let longest = lines.map { GlyphFont.scalars(of: $0).count }.max() ?? 0
    var canvas = Canvas(
      width: 2 * margin + max(width, longest * GlyphFont.width), height: top + height + margin)
    for (number, line) in lines.enumerated() {
      canvas.text(
        line, ChartStyle.ink.light, left: margin,
        baseline: margin + GlyphFont.ascent + number * GlyphFont.height, isBold: number == 0)
    }
    return (canvas, top)
  }
}
