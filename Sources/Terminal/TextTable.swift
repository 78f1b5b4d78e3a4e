/// A table in plain text, with aligned columns and a rule below the header.
///
///     layer  output        parameters
///     ───────────────────────────────
///     conv1  [28, 28, 16]         416
///     fc1    [10]              31,370
///
/// Row headings are columns to the left of a vertical rule. No line ends in spaces.
public struct TextTable: Sendable {
  public enum Alignment: Sendable {
    case left
    case right
  }

  public struct Column: Sendable {
    public let title: String
    public let alignment: Alignment

    public init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title.escapedForTerminal
      self.alignment = alignment
    }
  }

  private enum Line {
    case cells([String])
    case rule
  }

  private let columns: [Column]
  private let rowHeadings: Int
  private var lines: [Line] = []

  /// An empty table.
  ///
  /// - Parameter rowHeadings: the number of columns to the left of a vertical rule; 0 draws none.
  public init(_ columns: [Column], rowHeadings: Int = 0) {
    precondition(!columns.isEmpty, "TextTable: no columns")
    precondition(
      (0..<columns.count).contains(rowHeadings),
      "TextTable: \(rowHeadings) of \(columns.count) columns as row headings")
    self.columns = columns
    self.rowHeadings = rowHeadings
  }

  /// Appends a row with one cell for each column. Control characters are escaped.
  public mutating func add(_ cells: [String]) {
    precondition(
      cells.count == columns.count, "TextTable: \(cells.count) cells for \(columns.count) columns")
    lines.append(.cells(cells.map(\.escapedForTerminal)))
  }

  /// Appends a horizontal rule, for instance above a row of sums.
  public mutating func addRule() { lines.append(.rule) }

  /// The table's width in columns of a terminal.
  public var width: Int { gaps.count + widths.reduce(0, +) }

  /// The table; every line ends in a newline.
  public var text: String {
    let all: [Line] = [.cells(columns.map(\.title)), .rule] + lines
    return all.map { render($0) + "\n" }.joined()
  }

  private var widths: [Int] {
    columns.indices.map { index in
      lines.reduce(columns[index].title.terminalWidth) { widest, line in
        guard case .cells(let cells) = line else { return widest }
        return max(widest, cells[index].terminalWidth)
      }
    }
  }

  /// The text before each column in a row of cells, and its total width.
  private var gaps: (before: [String], count: Int) {
    let before = columns.indices.map { index in
      index == 0 ? "" : index == rowHeadings ? " │ " : "  "
    }
    return (before, before.reduce(0) { $0 + $1.count })
  }

  private func render(_ line: Line) -> String {
    let widths = widths
    let gaps = gaps.before
    switch line {
    case .rule:
      return columns.indices.map { index in
        let gap = index == 0 ? "" : index == rowHeadings ? "─┼─" : "──"
        return gap + String(repeating: "─", count: widths[index])
      }.joined()
    case .cells(let cells):
      var text = ""
      for index in columns.indices {
        let padding = String(repeating: " ", count: widths[index] - cells[index].terminalWidth)
        text += gaps[index]
        text += columns[index].alignment == .left ? cells[index] + padding : padding + cells[index]
      }
      while text.last == " " { text.removeLast() }
      return text
    }
  }
}
