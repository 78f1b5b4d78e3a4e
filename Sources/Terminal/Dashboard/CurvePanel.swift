#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A small diagram of curves in characters, with a heading above it and the vertical range at its left.
struct CurvePanel {
  struct Point: Equatable, Sendable {
    let x: Double
    let y: Double
  }

  struct Curve {
    let points: [Point]
    let style: TextCanvas.Style
    /// True to draw each point as a mark, false to draw a line through them.
    let isMarked: Bool
  }

  /// A part of the heading.
  struct Word {
    let text: String
    let style: TextCanvas.Style

    init(_ text: String, _ style: TextCanvas.Style = .plain) {
      (self.text, self.style) = (text, style)
    }
  }

  /// Forms of the heading, from the longest to the shortest.
  let headings: [[Word]]
  let curves: [Curve]
  /// The range of the horizontal axis, from 0.
  let width: Double
  /// A number as a label of the vertical axis, for values that differ by `range` in all.
  let label: (_ value: Double, _ range: Double) -> String
  /// True if a range of positive values over a factor of 10 may be drawn on a logarithmic axis.
  var mayBeLogarithmic = false
  /// True if the first fifth of the steps so far does not widen the vertical axis. Lines outside it run along
  /// its ends.
  var leavesOutStart = false
  /// The greatest value of the vertical axis.
  var greatest = Double.infinity
  /// The labels below the ends of the horizontal axis; nil leaves the row out.
  var horizontal: (start: String, end: String)?

  static let mark = "•"

  /// The rectangle that a panel is drawn in, in characters.
  struct Frame {
    let row: Int
    let column: Int
    let width: Int
    let height: Int
  }

  func draw(on canvas: inout TextCanvas, in frame: Frame, _ glyphs: DotGrid.Glyphs) {
    drawHeading(on: &canvas, frame)
    let below = horizontal != nil && frame.height >= 7 ? 1 : 0
    let rows = frame.height - 1 - below
    let scale = Scale(scaledPoints, mayBeLogarithmic, upTo: greatest)
    guard rows > 0, let scale else { return }
    let labels = labels(scale, rows)
    let margin = labels.map(\.text.terminalWidth).max() ?? 0
    let left = frame.column + margin + 1
    let columns = frame.column + frame.width - left
    guard columns > 0 else { return }
    for row in 0..<rows {
      let label = labels.first { $0.row == row }
      let line = frame.row + 1 + row
      if let label { canvas.putRight(label.text, row: line, end: left - 1, .dim) }
      canvas.put(label == nil ? "│" : "┤", row: line, column: left - 1, .dim)
    }
    if below > 0, let horizontal {
      let line = frame.row + 1 + rows
      canvas.put(horizontal.start, row: line, column: left, .dim)
      canvas.putRight(horizontal.end, row: line, end: left + columns, .dim)
    }
    for curve in curves {
      let plot = Frame(row: frame.row + 1, column: left, width: columns, height: rows)
      draw(curve, scale, on: &canvas, in: plot, glyphs)
    }
  }

  /// The points that the vertical axis has room for.
  private var scaledPoints: [Point] {
    let points = curves.flatMap(\.points)
    guard leavesOutStart, let end = points.map(\.x).max() else { return points }
    let later = points.filter { $0.x > 0.2 * end }
    return later.count < 5 ? points : later
  }

  private func drawHeading(on canvas: inout TextCanvas, _ frame: Frame) {
    func length(_ words: [Word]) -> Int {
      words.reduce(words.count - 1) { $0 + $1.text.terminalWidth }
    }
    guard let heading = headings.first(where: { length($0) <= frame.width }) ?? headings.last
    else { return }
    var column = frame.column
    for word in heading {
      let limit = frame.column + frame.width - column
      guard limit > 0 else { return }
      column = canvas.put(word.text, row: frame.row, column: column, word.style, limit: limit) + 1
    }
  }

  private func labels(_ scale: Scale, _ rows: Int) -> [(row: Int, text: String)] {
    func text(_ row: Int) -> (row: Int, text: String) {
      let share = rows > 1 ? 1 - Double(row) / Double(rows - 1) : 0.5
      return (row, label(scale.value(at: share), scale.extent))
    }
    if rows < 2 { return [text(0)] }
    return rows >= 5 ? [text(0), text(rows / 2), text(rows - 1)] : [text(0), text(rows - 1)]
  }

  private func draw(
    _ curve: Curve, _ scale: Scale, on canvas: inout TextCanvas, in frame: Frame,
    _ glyphs: DotGrid.Glyphs
  ) {
    var grid = DotGrid(glyphs, columns: frame.width, rows: frame.height)
    func place(_ point: Point) -> (x: Int, y: Int) {
      let across = min(1, max(0, point.x / max(width, 1)))
      let up = scale.position(of: point.y)
      return (
        Int((across * Double(grid.width - 1)).rounded()),
        Int(((1 - up) * Double(grid.height - 1)).rounded())
      )
    }
    let places = curve.points.map(place)
    guard !curve.isMarked else {
      for (x, y) in places {
        canvas.put(
          Self.mark, row: frame.row + y / glyphs.rows, column: frame.column + x / glyphs.columns,
          curve.style)
      }
      return
    }
    if let first = places.first { grid.set(first.x, first.y) }
    for (start, end) in zip(places, places.dropFirst()) { grid.line(from: start, to: end) }
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        guard let character = grid.character(column: column, row: row) else { continue }
        canvas.put(
          String(character), row: frame.row + row, column: frame.column + column, curve.style)
      }
    }
  }
}

extension CurvePanel {
  /// The vertical axis: linear, or logarithmic for positive values over a factor of 10.
  struct Scale {
    private let low: Double
    private let high: Double
    private let isLogarithmic: Bool

    /// Nil without a finite value.
    init?(_ points: [Point], _ mayBeLogarithmic: Bool, upTo greatest: Double) {
      let values = points.map(\.y).filter(\.isFinite)
      guard let least = values.min(), let most = values.max() else { return nil }
      isLogarithmic = mayBeLogarithmic && least > 0 && most >= 10 * least
      if isLogarithmic {
        (low, high) = (log10(least), log10(most))
      } else if most - least <= 1e-9 * max(abs(least), abs(most)) {
        let margin = least == 0 ? 1 : abs(least) / 10
        (low, high) = (least - margin, min(max(greatest, most), most + margin))
      } else {
        (low, high) = (least, most)
      }
    }

    /// 0 at the lower end, 1 at the upper one.
    func position(of value: Double) -> Double {
      let value = isLogarithmic ? log10(max(value, .leastNormalMagnitude)) : value
      return min(1, max(0, (value - low) / (high - low)))
    }

    /// The value at a position.
    func value(at position: Double) -> Double {
      let value = low + position * (high - low)
      return isLogarithmic ? pow(10, value) : value
    }

    /// The difference of the values at the two ends.
    var extent: Double { isLogarithmic ? .infinity : high - low }
  }
}
