extension String {
  /// The text with escapes for characters that could move the cursor, break the line or change the writing
  /// direction: control characters, line and paragraph separators, and directional marks.
  ///
  /// A newline becomes `\n`, a tab `\t`, and any other such character its code, as in `\u{1B}`.
  public var escapedForTerminal: String {
    guard unicodeScalars.contains(where: \.isUnsafeOnTerminal) else { return self }
    var escaped = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
      case "\r": escaped.append(contentsOf: "\\r".unicodeScalars)
      case "\t": escaped.append(contentsOf: "\\t".unicodeScalars)
      case _ where scalar.isUnsafeOnTerminal:
        let code = String(scalar.value, radix: 16, uppercase: true)
        escaped.append(contentsOf: "\\u{\(code)}".unicodeScalars)
      default: escaped.append(scalar)
      }
    }
    return String(escaped)
  }

  /// The number of terminal columns that the text occupies.
  ///
  /// Combining marks occupy none, East Asian wide characters and emoji two (Unicode Standard Annex 11).
  /// The text must not contain control characters: see ``escapedForTerminal``.
  public var terminalWidth: Int { reduce(0) { $0 + $1.terminalWidth } }

  /// The longest prefix of the text that occupies at most `width` columns.
  public func prefix(terminalWidth width: Int) -> String {
    var used = 0
    var end = startIndex
    for index in indices {
      used += self[index].terminalWidth
      if used > width { break }
      end = self.index(after: index)
    }
    return String(self[..<end])
  }
}

extension Character {
  fileprivate var terminalWidth: Int {
    if unicodeScalars.allSatisfy(\.takesNoColumn) { return 0 }
    return unicodeScalars.contains(where: \.isWide) ? 2 : 1
  }
}

extension Unicode.Scalar {
  fileprivate var isUnsafeOnTerminal: Bool {
    switch value {
    case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  fileprivate var takesNoColumn: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: true
    default: false
    }
  }

  /// True for an East Asian wide character, an emoji, and the variation selector that requests an emoji.
  fileprivate var isWide: Bool {
    if properties.isEmojiPresentation || value == 0xFE0F { return true }
    return switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
