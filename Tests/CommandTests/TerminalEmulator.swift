/// A terminal that understands what the package writes: text, cursor movements, erasing, and the private modes
/// 25 (cursor) and 1049 (alternate screen). Anything else is recorded in ``unknown``.
struct TerminalEmulator {
  private struct Screen {
    var cells: [[String]]
    var row = 0
    var column = 0

    init(_ columns: Int, _ rows: Int) {
      cells = [[String]](repeating: [String](repeating: " ", count: columns), count: rows)
    }

    mutating func resize(_ columns: Int, _ rows: Int) {
      cells = (0..<rows).map { row in
        let old = row < cells.count ? cells[row] : []
        return (0..<columns).map { $0 < old.count ? old[$0] : " " }
      }
      (row, column) = (min(row, rows - 1), min(column, columns - 1))
    }
  }

  private(set) var columns: Int
  private(set) var rows: Int
  private var main: Screen
  private var alternate: Screen
  private(set) var isAlternate = false
  private(set) var isCursorVisible = true
  /// Escape sequences that this terminal does not know.
  private(set) var unknown: [String] = []
  private var pending: [UInt8] = []

  init(columns: Int, rows: Int) {
    (self.columns, self.rows) = (columns, rows)
    main = Screen(columns, rows)
    alternate = Screen(columns, rows)
  }

  mutating func resize(columns: Int, rows: Int) {
    (self.columns, self.rows) = (columns, rows)
    main.resize(columns, rows)
    alternate.resize(columns, rows)
  }

  /// The lines of the screen that is shown, without spaces at their ends.
  var lines: [String] { Self.lines(isAlternate ? alternate : main) }

  private static func lines(_ screen: Screen) -> [String] {
    screen.cells.map { cells in
      var text = cells.joined()
      while text.last == " " { text.removeLast() }
      return text
    }
  }

  mutating func receive(_ bytes: [UInt8]) {
    pending += bytes
    var place = 0
    while place < pending.count, let count = process(pending[place...]) { place += count }
    pending.removeFirst(place)
  }

  /// - Returns: the number of bytes that were used; nil if more must come first.
  private mutating func process(_ bytes: ArraySlice<UInt8>) -> Int? {
    let first = bytes[bytes.startIndex]
    if first == 0x1B { return escape(bytes) }
    var screen = isAlternate ? alternate : main
    defer { if isAlternate { alternate = screen } else { main = screen } }
    switch first {
    case 0x0D: screen.column = 0
    case 0x0A: lineFeed(&screen)
    case 0..<0x20: break
    default:
      let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      guard bytes.count >= count else { return nil }
      if screen.column >= columns {
        screen.column = 0
        lineFeed(&screen)
      }
      screen.cells[screen.row][screen.column] = String(decoding: bytes.prefix(count), as: UTF8.self)
      screen.column += 1
      return count
    }
    return 1
  }

  private func lineFeed(_ screen: inout Screen) {
    guard screen.row == rows - 1 else {
      screen.row += 1
      return
    }
    screen.cells.removeFirst()
    screen.cells.append([String](repeating: " ", count: columns))
  }

  private mutating func escape(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count > 1 else { return nil }
    guard bytes[bytes.startIndex + 1] == UInt8(ascii: "[") else {
      unknown.append("ESC \(bytes[bytes.startIndex + 1])")
      return 2
    }
    guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
      return nil
    }
    control(String(decoding: bytes[(bytes.startIndex + 2)...end], as: UTF8.self))
    return end - bytes.startIndex + 1
  }

  private mutating func control(_ sequence: String) {
    let numbers = sequence.dropLast().split(separator: ";").map { Int($0) ?? 0 }
    var screen = isAlternate ? alternate : main
    switch sequence {
    case "?1049h":
      isAlternate = true
      alternate = Screen(columns, rows)
      return
    case "?1049l":
      isAlternate = false
      return
    case "?25h", "?25l": isCursorVisible = sequence.last == "h"
    case "?2026h", "?2026l": break
    case _ where sequence.last == "m": break
    case _ where sequence.last == "H":
      screen.row = min(max(1, numbers.first ?? 1), rows) - 1
      screen.column = min(max(1, numbers.count > 1 ? numbers[1] : 1), columns) - 1
    case "2J":
      for row in 0..<rows { screen.cells[row] = [String](repeating: " ", count: columns) }
    case "K":
      for column in min(screen.column, columns)..<columns { screen.cells[screen.row][column] = " " }
    default: unknown.append(sequence)
    }
    if isAlternate { alternate = screen } else { main = screen }
  }
}
