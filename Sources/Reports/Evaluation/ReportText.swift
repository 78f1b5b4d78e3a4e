/// Names in files of other kinds than HTML.
///
/// Class names are names of a user's folders and may hold any character.
enum ReportText {
  /// The text as one line of Markdown that shows exactly these characters, also in a cell of a table.
  static func markdown(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "$", "^":
        escaped += "\\"
        escaped.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// The index of an example, with the file of its image: `7 (cat/0007.png)`.
  static func place(_ index: Int, _ file: String?) -> String {
    "\(index)" + (file.map { " (\($0))" } ?? "")
  }

  /// The text in at most `length` letters; an ellipsis replaces the rest.
  static func shortened(_ text: String, to length: Int) -> String {
    text.count <= length ? text : text.prefix(max(length - 1, 0)) + "…"
  }
}
