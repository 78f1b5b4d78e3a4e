/// A table of Markdown (GitHub's and Pandoc's pipe tables). Cells must be escaped.
struct MarkdownTable {
  private var lines: [String]

  /// - Parameter columns: the headings; those of numbers are aligned to the right.
  init(_ columns: [(name: String, isNumber: Bool)]) {
    lines = [
      Self.line(columns.map(\.name)), Self.line(columns.map { $0.isNumber ? "---:" : "---" }),
    ]
  }

  mutating func add(_ cells: [String]) { lines.append(Self.line(cells)) }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private static func line(_ cells: [String]) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }
}
