/// A picture of dots, several in each character of a terminal.
///
/// Braille has 2 × 4 dots in a character (Unicode, block U+2800). The console of Linux has no braille; there
/// a character has 1 × 2 halves of a block.
struct DotGrid {
  enum Glyphs: Sendable {
    case braille
    case halves

    /// The dots of a character.
    var columns: Int { self == .braille ? 2 : 1 }
    var rows: Int { self == .braille ? 4 : 2 }
  }

  let glyphs: Glyphs
  /// The extents in characters.
  let columns: Int
  let rows: Int
  /// The dots of each character: bit `column + columns·row`.
  private var cells: [UInt8]

  /// The extents in dots.
  var width: Int { columns * glyphs.columns }
  var height: Int { rows * glyphs.rows }

  init(_ glyphs: Glyphs, columns: Int, rows: Int) {
    self.glyphs = glyphs
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    cells = [UInt8](repeating: 0, count: self.columns * self.rows)
  }

  /// Sets the dot at `x` from the left and `y` from the top. Dots outside the grid are ignored.
  mutating func set(_ x: Int, _ y: Int) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let (column, row) = (x % glyphs.columns, y % glyphs.rows)
    cells[y / glyphs.rows * columns + x / glyphs.columns] |=
      1 << UInt8(column + glyphs.columns * row)
  }

  /// Sets the dots of a straight line with both ends (Bresenham 1965).
  mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
    let (dx, dy) = (abs(end.x - start.x), -abs(end.y - start.y))
    let (right, down) = (start.x < end.x ? 1 : -1, start.y < end.y ? 1 : -1)
    var (x, y, error) = (start.x, start.y, dx + dy)
    while true {
      set(x, y)
      if x == end.x && y == end.y { return }
      let twice = 2 * error
      if twice >= dy {
        error += dy
        x += right
      }
      if twice <= dx {
        error += dx
        y += down
      }
    }
  }

  /// The character at a place; nil where no dot is set.
  func character(column: Int, row: Int) -> Character? {
    let dots = cells[row * columns + column]
    guard dots != 0 else { return nil }
    switch glyphs {
    case .halves: return dots == 3 ? "█" : dots == 1 ? "▀" : "▄"
    case .braille:
      // Braille numbers its dots down the left column, then down the right one, and the last row at the end.
      let weights: [UInt32] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
      let code = weights.indices.reduce(0x2800) { code, bit in
        dots & (1 << UInt8(bit)) == 0 ? code : code + weights[bit]
      }
      return Character(Unicode.Scalar(code)!)
    }
  }
}
