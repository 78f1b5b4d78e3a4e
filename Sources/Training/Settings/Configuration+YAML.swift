import Files

extension Configuration {
  /// A YAML recipe for the same run.
  public var yaml: String {
    var lines: [String] = []
    for changesResults in [true, false] {
      lines.append(
        changesResults
          ? "# What the results depend on."
          : "# How it was run; the results do not depend on these.")
      for setting in Self.settings where setting.changesResults == changesResults {
        guard let value = setting.get(self) ?? Self.absent[setting.key] else { continue }
        lines.append("\(setting.key): \(Self.scalar(value))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a recipe says for a setting that is off, if small data sets have it on by default.
  private static let absent = ["augment": "none"]

  /// A YAML scalar: plain for numbers and for words that YAML reads as themselves, otherwise quoted as in JSON.
  static func scalar(_ text: String) -> String {
    let isPlain =
      text != "-" && YAMLMapping.Scalar(text: text, isPlain: true).value == text
      && text.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A)
          || $0 == 0x2D || $0 == 0x2E || $0 == 0x2B
      }
    if isPlain { return text }
    // YAML does not allow these characters, or reads them as ends of lines.
    return CanonicalJSON.string(text).text.unicodeScalars.reduce(into: "") { quoted, character in
      switch character.value {
      case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF:
        let digits = String(character.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(character)
      }
    }
  }
}
