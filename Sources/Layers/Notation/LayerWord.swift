/// A word of the notation for networks: its arguments, its options, and its meaning.
///
/// Error messages and the table in `docs/notation.md` are generated from it.
package struct LayerWord: Sendable {
  /// An option, as in `stride=1`.
  package struct Option: Sendable {
    let key: String
    /// The values between bars, as in `yes|no`; empty if they would be too long for a table.
    let values: String
    /// The default value.
    let standard: String

    package init(_ key: String, _ values: String = "", unlessGiven standard: String) {
      self.key = key
      self.values = values
      self.standard = standard
    }
  }

  /// The word in small letters.
  package let name: String
  /// Other words with the same meaning.
  package let aliases: [String]
  /// The forms of the text between the brackets: `["size", "size,stride"]`; empty for a word
  /// without arguments.
  package let arguments: [String]
  /// A remark about the arguments, for error messages.
  package let note: String?
  package let options: [Option]
  /// True if layers stand between the brackets.
  package let holdsLayers: Bool
  /// A description of the layer in one line of Markdown.
  package let meaning: String

  package init(
    _ name: String, aliases: [String] = [], arguments: [String] = [], note: String? = nil,
    options: [Option] = [], holdsLayers: Bool = false, meaning: String
  ) {
    self.name = name
    self.aliases = aliases
    self.arguments = arguments
    self.note = note
    self.options = options
    self.holdsLayers = holdsLayers
    self.meaning = meaning
  }

  /// `["pool(size)", "pool(size,stride)"]`
  var forms: [String] { arguments.isEmpty ? [name] : arguments.map { "\(name)(\($0))" } }

  /// The form in error messages:
  /// `pool(size) or pool(size,stride), with padding=n and mode=floor|ceil`.
  var form: String {
    var text = forms.joined(separator: " or ")
    if let note { text += ", \(note)" }
    let options = options.map { "\($0.key)=\($0.values)" }
    if let last = options.last {
      let others = options.dropLast().joined(separator: ", ")
      text += ", with \(others.isEmpty ? "" : "\(others) and ")\(last)"
    } else if arguments.isEmpty {
      text += " without arguments"
    }
    return text
  }

  /// The word's row in `docs/notation.md`.
  var tableRow: String {
    let forms = forms.map { "`\($0)`" }.joined(separator: ", ")
    let options = options.map { "`\($0.key)=\($0.standard)`" }.joined(separator: ", ")
    return "| \(forms) | \(meaning) |\(options.isEmpty ? " " : " \(options) ")|"
  }
}
