/// The part of a request before its body (RFC 9112, sections 3 and 5).
public struct HTTPHead: Sendable {
  /// The length of the body.
  enum Framing: Equatable {
    case length(Int)
    case chunked
  }

  public let method: String
  /// The path with its percent-encoding decoded. It starts with a slash.
  public let path: String
  /// The parameters behind the question mark, in order, decoded.
  public let query: [(name: String, value: String)]
  public let headers: HTTPHeaders
  let framing: Framing
  /// False for HTTP/1.0.
  let isVersion11: Bool

  /// True if the client wants to send more requests on the connection.
  var keepsConnection: Bool {
    isVersion11
      ? !headers.contains("close", in: "connection")
      : headers.contains("keep-alive", in: "connection")
  }

  /// True if the client waits for a word of the server before it sends the body.
  var expectsContinue: Bool { isVersion11 && headers.contains("100-continue", in: "expect") }

  /// Parses a head.
  ///
  /// - Parameter bytes: the lines, with the line end of the last header field but without the empty
  ///   line.
  /// - Throws: ``HTTPProblem`` for anything outside the grammar, since readers that disagree about
  ///   where a request ends can be led to see different requests.
  init(_ bytes: ArraySlice<UInt8>) throws(HTTPProblem) {
    var lines = HeadLines(bytes)
    guard let first = try lines.next() else { throw HTTPProblem(400, "The request is empty.") }
    let words = first.split(separator: 0x20, omittingEmptySubsequences: false)
    guard words.count == 3, let method = Self.token(words[0]), !words[1].isEmpty else {
      throw HTTPProblem(400, "This is no request line of HTTP.")
    }
    self.method = method
    switch String(decoding: words[2], as: UTF8.self) {
    case "HTTP/1.1": isVersion11 = true
    case "HTTP/1.0": isVersion11 = false
    default: throw HTTPProblem(505, "The version of HTTP is not supported (expected HTTP/1.1).")
    }
    var headers = HTTPHeaders()
    while let line = try lines.next() {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
        let name = Self.token(line[..<colon])
      else { throw HTTPProblem(400, "A header field has no name (expected “name: value”).") }
      let value = line[(colon + 1)...]
      guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
        throw HTTPProblem(400, "The header field \(name) has a control character.")
      }
      headers.append(
        name.lowercased(), String(Substring(decoding: value, as: UTF8.self).trimmed))
    }
    self.headers = headers
    guard headers.all("host").count == 1 || !isVersion11 && headers["host"] == nil else {
      throw HTTPProblem(400, "The request has no Host, or several.")
    }
    framing = try Self.framing(headers, isVersion11: isVersion11)
    (path, query) = try Self.target(words[1])
  }

  /// A name of the characters that RFC 9110 allows in tokens, or nil.
  private static func token(_ bytes: ArraySlice<UInt8>) -> String? {
    guard !bytes.isEmpty, bytes.allSatisfy({ isTokenByte[Int($0)] }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let isTokenByte: [Bool] = (0..<256).map { byte in
    let others = "!#$%&'*+-.^_`|~".utf8
    guard let byte = UInt8(exactly: byte), byte < 0x80 else { return false }
    return Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
      || others.contains(byte)
  }

  private static func framing(
    _ headers: HTTPHeaders, isVersion11: Bool
  ) throws(HTTPProblem) -> Framing {
    let lengths = headers.all("content-length")
    let codings = headers.all("transfer-encoding")
    if !codings.isEmpty {
      guard isVersion11, lengths.isEmpty else {
        throw HTTPProblem(400, "The length of the body is ambiguous.")
      }
      guard codings.count == 1, codings[0].lowercased() == "chunked" else {
        throw HTTPProblem(501, "The transfer coding is not supported (expected chunked).")
      }
      return .chunked
    }
    guard let text = lengths.first else { return .length(0) }
    guard lengths.count == 1, !text.isEmpty, text.utf8.count < 19,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text)
    else { throw HTTPProblem(400, "Content-Length is no number.") }
    return .length(length)
  }

  /// The path and the parameters of a request's target, such as `/predict?top=3`.
  private static func target(
    _ bytes: ArraySlice<UInt8>
  ) throws(HTTPProblem) -> (String, [(name: String, value: String)]) {
    var text = Substring(decoding: bytes, as: UTF8.self)
    // A proxy sends the whole address.
    if text.lowercased().hasPrefix("http://") {
      let path = text.dropFirst("http://".count).firstIndex(of: "/")
      text = path.map { text[$0...] } ?? "/"
    }
    guard text.hasPrefix("/"), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw HTTPProblem(400, "The address of the request is no path (expected /…).")
    }
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = try decoded(parts[0])
    guard parts.count > 1 else { return (path, []) }
    var query: [(name: String, value: String)] = []
    for pair in parts[1].split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      query.append((try decoded(sides[0]), sides.count > 1 ? try decoded(sides[1]) : ""))
    }
    return (path, query)
  }

  /// `text` with `%41` replaced by `A`.
  private static func decoded(_ text: Substring) throws(HTTPProblem) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let digits = String(validating: rest.prefix(2), as: UTF8.self), digits.utf8.count == 2,
        digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16)
      else { throw HTTPProblem(400, "The address has a percent sign without two digits.") }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw HTTPProblem(400, "The address is not UTF-8.")
    }
    return text
  }
}

/// The lines of a head, each of which ends with CR LF.
private struct HeadLines {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() throws(HTTPProblem) -> ArraySlice<UInt8>? {
    guard !rest.isEmpty else { return nil }
    guard let end = rest.firstIndex(of: 0x0d), end + 1 < rest.endIndex, rest[end + 1] == 0x0a else {
      throw HTTPProblem(400, "A line of the request does not end with CR LF.")
    }
    defer { rest = rest[(end + 2)...] }
    let line = rest[..<end]
    guard !line.contains(0x0a) else {
      throw HTTPProblem(400, "A line of the request does not end with CR LF.")
    }
    return line
  }
}
