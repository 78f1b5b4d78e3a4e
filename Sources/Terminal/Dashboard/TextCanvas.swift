/// A screen of characters with styles, from which the lines of a terminal are made.
struct TextCanvas {
  enum Style: UInt8, Sendable {
    case plain, bold, dim, train, validation, rate, speed, warning

    /// The parameters of the escape sequence that sets the style (ECMA-48, SGR).
    func code(color: Bool) -> String {
      switch self {
      case .plain: ""
      case .bold: "1"
      case .dim: "2"
      case .train: color ? "36" : ""
      case .validation: color ? "33" : ""
      case .rate: color ? "32" : ""
      case .speed: color ? "35" : ""
      case .warning: color ? "31" : "1"
      }
    }
  }

  private struct Cell {
    /// Empty right of a character that takes two columns.
    var text: String = " "
    var style = Style.plain
  }

  let width: Int
  let height: Int
  private var cells: [Cell]

  init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = [Cell](repeating: Cell(), count: self.width * self.height)
  }

  /// Writes text that starts at a column. What does not fit into `limit` columns or the row is left out.
  ///
  /// - Returns: the column behind the text.
  @discardableResult
  mutating func put(
    _ text: String, row: Int, column: Int, _ style: Style = .plain, limit: Int = .max
  ) -> Int {
    guard (0..<height).contains(row), column >= 0 else { return column }
    let end = min(width, column + min(limit, width))
    var place = column
    for character in text.escapedForTerminal {
      let count = String(character).terminalWidth
      guard place + count <= end else { break }
      guard count > 0 else {
        // A mark without a width belongs to the character before it.
        if place > column { cells[row * width + place - 1].text.append(character) }
        continue
      }
      cells[row * width + place] = Cell(text: String(character), style: style)
      if count > 1 { cells[row * width + place + 1] = Cell(text: "", style: style) }
      place += count
    }
    return place
  }

  /// Writes text that ends before a column.
  mutating func putRight(_ text: String, row: Int, end: Int, _ style: Style = .plain) {
    put(text, row: row, column: max(0, end - text.terminalWidth), style)
  }

  /// The rows, without spaces at their ends, with escape sequences for styles.
  func lines(color: Bool) -> [String] {
    (0..<height).map { row in
      let line = cells[row * width..<(row + 1) * width]
      let end = line.lastIndex { $0.text != " " }.map { $0 + 1 } ?? line.startIndex
      var text = ""
      var last = ""
      for cell in line[line.startIndex..<end] {
        let code = cell.style.code(color: color)
        if code != last {
          text += last.isEmpty ? "\u{1B}[\(code)m" : "\u{1B}[0\(code.isEmpty ? "" : ";")\(code)m"
          last = code
        }
        text += cell.text
      }
      return text + (last.isEmpty ? "" : "\u{1B}[0m")
    }
  }

  /// The rows without styles.
  var plainLines: [String] {
    (0..<height).map { row in
      var text = cells[row * width..<(row + 1) * width].map(\.text).joined()
      while text.last == " " { text.removeLast() }
      return text
    }
  }
}
