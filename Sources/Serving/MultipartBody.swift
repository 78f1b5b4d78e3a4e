import WebServer

/// The parts of a body of the type `multipart/form-data` (RFC 7578), such as `curl -F` sends.
enum MultipartBody {
  struct Part: Equatable {
    /// The name of the file, or else of the field.
    let name: String
    let content: [UInt8]
  }

  /// The boundary in the value of `Content-Type`; nil for another type.
  static func boundary(of contentType: String) -> String? {
    guard contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
    return parameter("boundary", of: contentType) ?? ""
  }

  /// The parts of `body`.
  ///
  /// - Throws: ``HTTPProblem`` for a body that does not follow the format, or that has more than
  ///   `limit` parts.
  static func parts(
    of body: [UInt8], boundary: String, limit: Int
  ) throws(HTTPProblem) -> [Part] {
    guard (1...70).contains(boundary.utf8.count) else {
      throw HTTPProblem(400, "The form has no boundary between its parts, or one that is too long.")
    }
    let line = Array("\r\n--\(boundary)".utf8)
    var rest = body[...]
    // The first boundary may begin the body.
    if rest.starts(with: line.dropFirst(2)) {
      rest = rest.dropFirst(line.count - 2)
    } else if let place = find(line, in: rest) {
      rest = rest[(place + line.count)...]
    } else {
      throw HTTPProblem(400, "The form has no parts.")
    }
    var parts: [Part] = []
    while !rest.starts(with: Array("--".utf8)) {
      guard rest.starts(with: [0x0d, 0x0a]), let end = find(line, in: rest.dropFirst(2)) else {
        throw HTTPProblem(400, "The form ends within a part.")
      }
      guard parts.count < limit else { throw ImageLimits.tooMany(limit) }
      parts.append(try part(rest[(rest.startIndex + 2)..<end]))
      rest = rest[(end + line.count)...]
    }
    return parts
  }

  /// A part: header fields, an empty line, and the content.
  private static func part(_ bytes: ArraySlice<UInt8>) throws(HTTPProblem) -> Part {
    guard let end = find([0x0d, 0x0a, 0x0d, 0x0a], in: bytes) else {
      throw HTTPProblem(400, "A part of the form has no header fields.")
    }
    let fields = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    guard
      let disposition = fields.first(where: {
        $0.lowercased().hasPrefix("content-disposition:")
      })
    else { throw HTTPProblem(400, "A part of the form has no Content-Disposition.") }
    let name =
      parameter("filename", of: String(disposition))
      ?? parameter("name", of: String(disposition)) ?? ""
    return Part(name: name, content: Array(bytes[(end + 4)...]))
  }

  /// The value of `; name=value` or `; name="value"`.
  private static func parameter(_ name: String, of field: String) -> String? {
    var rest = Substring(field)
    while let start = rest.firstIndex(of: ";") {
      rest = rest[rest.index(after: start)...]
      let text = rest.drop { $0 == " " }
      guard text.lowercased().hasPrefix(name + "=") else { continue }
      let value = text.dropFirst(name.count + 1)
      guard value.hasPrefix("\"") else {
        return String(value.prefix { $0 != ";" && $0 != " " })
      }
      return quoted(value.dropFirst())
    }
    return nil
  }

  /// The text up to the next quotation mark; a backslash stands in front of one that belongs to it.
  private static func quoted(_ text: Substring) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        if character != "\"" && character != "\\" { result.append("\\") }
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
        continue
      } else if character == "\"" {
        break
      }
      result.append(character)
    }
    return result
  }

  /// The first place of `pattern` in `bytes`.
  private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    bytes.withUnsafeBufferPointer { buffer in
      pattern.withUnsafeBufferPointer { pattern in
        guard buffer.count >= pattern.count else { return nil }
        for place in 0...(buffer.count - pattern.count) where buffer[place] == pattern[0] {
          var length = 1
          while length < pattern.count, buffer[place + length] == pattern[length] { length += 1 }
          if length == pattern.count { return bytes.startIndex + place }
        }
        return nil
      }
    }
  }
}
