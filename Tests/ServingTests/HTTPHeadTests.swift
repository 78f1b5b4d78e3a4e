import Testing

@testable import WebServer

@Suite struct HTTPHeadTests {
  private func head(_ text: String) throws(HTTPProblem) -> HTTPHead {
    try HTTPHead(Array(text.replacing("|", with: "\r\n").utf8)[...])
  }

  @Test func aRequestIsRead() throws {
    let head = try head(
      "POST /pre%64ict?top=3&name=a%20b&x HTTP/1.1|Host: localhost:80|CONTENT-length:  12 |Expect: 100-Continue|"
    )
    #expect(head.method == "POST" && head.path == "/predict")
    #expect(head.query.map(\.name) == ["top", "name", "x"])
    #expect(head.query.map(\.value) == ["3", "a b", ""])
    #expect(head.headers["host"] == "localhost:80")
    #expect(head.framing == .length(12) && head.expectsContinue && head.keepsConnection)
  }

  @Test func connectionsAreKeptByVersionAndWish() throws {
    #expect(try !head("GET / HTTP/1.1|Host: a|Connection: TE, Close|").keepsConnection)
    #expect(try !head("GET / HTTP/1.0|").keepsConnection)
    #expect(try head("GET / HTTP/1.0|Connection: keep-alive|").keepsConnection)
    #expect(try head("GET http://other/x?y=1 HTTP/1.1|Host: a|").path == "/x")
    #expect(try head("GET http://other HTTP/1.1|Host: a|").path == "/")
    #expect(
      try head("POST / HTTP/1.1|Host: a|Transfer-Encoding: Chunked|").framing == .chunked)
  }

  @Test(arguments: [
    ("", 400), ("|", 400), ("GET /|", 400), ("GET / HTTP/1.1", 400),
    ("GET  / HTTP/1.1|Host: a|", 400),
    ("GET / HTTP/2.0|Host: a|", 505), ("G@T / HTTP/1.1|Host: a|", 400),
    ("GET / HTTP/1.1|", 400), ("GET / HTTP/1.1|Host: a|Host: b|", 400),
    ("GET x HTTP/1.1|Host: a|", 400), ("GET /\u{7f} HTTP/1.1|Host: a|", 400),
    ("GET /%4 HTTP/1.1|Host: a|", 400), ("GET /%+1 HTTP/1.1|Host: a|", 400),
    ("GET /%ff HTTP/1.1|Host: a|", 400), ("GET / HTTP/1.1|Host: a| folded|", 400),
    ("GET / HTTP/1.1|Host : a|", 400), ("GET / HTTP/1.1|Host: a|x: \u{0}|", 400),
    ("GET / HTTP/1.1|Host: a|x: b\nc|", 400), ("GET / HTTP/1.1|Host: a|x: b\rc|", 400),
    ("POST / HTTP/1.1|Host: a|Content-Length: -1|", 400),
    ("POST / HTTP/1.1|Host: a|Content-Length: +1|", 400),
    ("POST / HTTP/1.1|Host: a|Content-Length: 99999999999999999999|", 400),
    ("POST / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1|", 400),
    ("POST / HTTP/1.1|Host: a|Content-Length: 1|Transfer-Encoding: chunked|", 400),
    ("POST / HTTP/1.0|Transfer-Encoding: chunked|", 400),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked|", 501),
  ])
  func malformedHeadsAreRefused(_ text: String, _ status: Int) {
    let error = #expect(throws: HTTPProblem.self) { try head(text) }
    #expect(error?.status == status, "\(text)")
  }

  /// Random bytes and changed requests give a head or a problem.
  @Test func noBytesStopTheProgram() {
    var random = SystemRandomNumberGenerator()
    let valid = Array("POST /predict?top=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n".utf8)
    for _ in 0..<2000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      bytes.removeLast(.random(in: 0..<bytes.count, using: &random))
      _ = try? HTTPHead(bytes[...])
    }
  }
}

@Suite struct BodyReaderTests {
  /// Reads `text` in parts of `size` bytes, and returns the body and what is left.
  private func read(
    _ text: String, _ framing: HTTPHead.Framing, limit: Int = 100, size: Int
  ) throws(HTTPProblem) -> (body: String, rest: String, isComplete: Bool) {
    var reader = try BodyReader(framing, limit: limit)
    var input: ArraySlice<UInt8> = []
    var bytes = Array(text.replacing("|", with: "\r\n").utf8)[...]
    while !bytes.isEmpty, !reader.isComplete {
      input += bytes.prefix(size)
      bytes = bytes.dropFirst(size)
      try reader.read(&input)
    }
    return (
      String(decoding: reader.body, as: UTF8.self), String(decoding: input + bytes, as: UTF8.self),
      reader.isComplete
    )
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func bodiesArriveInParts(_ size: Int) throws {
    let chunked = try read(
      "4|abcd|A;name=x|0123456789|0|Trailer: x||GET /", .chunked, size: size)
    #expect(chunked == ("abcd0123456789", "GET /", true))
    #expect(try read("abcdeGET /", .length(5), size: size) == ("abcde", "GET /", true))
    #expect(try read("abc", .length(5), size: size) == ("abc", "", false))
    #expect(try read("4|abc", .chunked, size: size).isComplete == false)
    #expect(try BodyReader(.length(0), limit: 0).isComplete)
  }

  @Test(arguments: [
    ("x|", 400), ("-1|", 400), ("|", 400), ("4|abcdef|", 400), ("fffffffffffffffff|", 400),
    ("65|", 413), ("60|\(String(repeating: "a", count: 96))|5|", 413),
  ])
  func malformedChunksAreRefused(_ text: String, _ status: Int) {
    for size in [1, 1000] {
      let error = #expect(throws: HTTPProblem.self) { try read(text, .chunked, size: size) }
      #expect(error?.status == status, "\(text)")
    }
  }

  @Test func announcedSizesAreLimited() {
    #expect(throws: HTTPProblem.self) { try BodyReader(.length(101), limit: 100) }
    let line = String(repeating: "0", count: 2000)
    #expect(throws: HTTPProblem.self) { try read(line, .chunked, size: 100) }
  }
}
