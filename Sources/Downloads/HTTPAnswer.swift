/// The status line and the headers of an answer.
struct HTTPAnswer {
  let status: Int
  private let headers: [(name: String, value: String)]

  /// Reads the head of an answer, from `HTTP/…` up to the empty line; nil if it is not one.
  init?(_ head: [UInt8]) {
    let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let words = lines.first?.split(separator: " "), words.count >= 2,
      words[0].hasPrefix("HTTP/"), let status = Int(words[1])
    else { return nil }
    self.status = status
    headers = lines.dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      let end = value.lastIndex { $0 != " " && $0 != "\t" }
      return (line[..<colon].lowercased(), end.map { String(value[...$0]) } ?? "")
    }
  }

  /// The value of the header called `name`; upper and lower case are equal.
  subscript(name: String) -> String? {
    headers.first { $0.name == name.lowercased() }?.value
  }

  /// The media type, such as `text/html`, without its parameters.
  var mediaType: String? {
    self["Content-Type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
  }
}
