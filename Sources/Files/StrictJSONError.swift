/// Why ``StrictJSON`` does not accept some bytes, and the place of the error.
public struct StrictJSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of error.
  public enum Problem: Equatable, Sendable {
    case endsEarly
    case unexpected(UInt8, expected: String)
    case bytesAfterEnd(UInt8)
    case duplicateKey(String)
    case badUTF8
    case badEscape
    case loneSurrogate
    case controlCharacter(UInt8)
    case numberTooLarge
    case tooDeep(limit: Int)
    case tooMany(limit: Int)
  }

  /// The number of bytes before the error.
  public let offset: Int
  public let problem: Problem

  public var description: String {
    switch problem {
    case .endsEarly: "ends early at byte \(offset)"
    case .unexpected(let byte, let expected):
      "found \(Self.name(byte)) at byte \(offset), expected \(expected)"
    case .bytesAfterEnd(let byte):
      "found \(Self.name(byte)) at byte \(offset), expected nothing more"
    case .duplicateKey(let key): "the key \(quoted(key)) appears twice, again at byte \(offset)"
    case .badUTF8: "the string at byte \(offset) is not UTF-8"
    case .badEscape: "the escape at byte \(offset) is none that JSON knows"
    case .loneSurrogate: "the escape at byte \(offset) is half of a surrogate pair"
    case .controlCharacter(let byte):
      "found the control character \(Self.name(byte)) in a string at byte \(offset)"
    case .numberTooLarge: "the number at byte \(offset) is too large"
    case .tooDeep(let limit): "more than \(limit) levels deep at byte \(offset)"
    case .tooMany(let limit):
      "found more values by byte \(offset), expected at most \(limit)"
    }
  }

  private static func name(_ byte: UInt8) -> String {
    if byte > 0x20 && byte < 0x7f { return "'\(Character(UnicodeScalar(byte)))'" }
    return "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

/// `text` in quotation marks, for one line of a terminal. Control characters and invisible
/// characters are escaped, and a long text is cut.
package func quoted(_ text: String, limit: Int = 80) -> String {
  var result = "\""
  for (position, scalar) in text.unicodeScalars.enumerated() {
    if position == limit {
      result += "…"
      break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default:
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
