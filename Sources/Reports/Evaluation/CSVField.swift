/// A text as a field of a CSV file (RFC 4180).
enum CSVField {
  /// The text of a path, in quotes if it needs them.
  ///
  /// A spreadsheet takes a field that begins with `=`, `+`, `-` or `@` for a formula. Such a path gets `./` in
  /// front, and names the same file.
  static func path(_ path: String) -> String {
    let isFormula = path.first.map { "=+-@\t\r".contains($0) } ?? false
    let text = isFormula ? "./\(path)" : path
    let needsQuotes = text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}
