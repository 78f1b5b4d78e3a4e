/// The answers of a server to a request.
public enum Answers {
  /// Sends the file correctly.
  ///
  /// - Parameters:
  ///   - tag: the entity tag, with its quotation marks.
  ///   - knowsRanges: true if the server sends a requested part of the file.
  public static func file(
    _ content: [UInt8], tag: String? = nil, knowsRanges: Bool = true
  ) -> LocalServer.Answer {
    { request, connection in
      let offset = knowsRanges ? offset(request, tag) : 0
      guard offset == 0 || offset < content.count else {
        status(416)(request, connection)
        return
      }
      start(content, tag, knowsRanges, request, connection)
      connection.send(content.dropFirst(offset))
    }
  }

  /// Sends `count` bytes of the announced ones, and closes the connection.
  public static func cutShort(
    _ content: [UInt8], after count: Int, tag: String? = nil
  ) -> LocalServer.Answer {
    { request, connection in
      start(content, tag, true, request, connection)
      connection.send(content.dropFirst(offset(request, tag)).prefix(count))
    }
  }

  /// Sends `count` bytes of the announced ones, and resets the connection.
  public static func broken(
    _ content: [UInt8], after count: Int, tag: String? = nil
  ) -> LocalServer.Answer {
    { request, connection in
      cutShort(content, after: count, tag: tag)(request, connection)
      // The client must read the bytes first, because a reset discards bytes that are in transit.
      for _ in 0..<10 where count > 0 { connection.pause() }
      connection.reset()
    }
  }

  /// Sends `count` bytes of the announced ones, and then nothing.
  public static func stalled(
    _ content: [UInt8], after count: Int, tag: String? = nil
  ) -> LocalServer.Answer {
    { request, connection in
      cutShort(content, after: count, tag: tag)(request, connection)
      connection.stall()
    }
  }

  /// Receives the request and sends nothing.
  public static func silent() -> LocalServer.Answer {
    { _, connection in connection.stall() }
  }

  /// Sends the file in pieces of `piece` bytes, with a pause after each piece.
  public static func slow(_ content: [UInt8], piece: Int) -> LocalServer.Answer {
    { request, connection in
      start(content, nil, true, request, connection)
      var rest = content.dropFirst(offset(request, nil))
      while !rest.isEmpty {
        connection.send(rest.prefix(piece))
        rest = rest.dropFirst(piece)
        connection.pause()
      }
    }
  }

  /// Sends `content` without its length.
  public static func unannounced(
    _ content: [UInt8], type: String = "application/octet-stream"
  ) -> LocalServer.Answer {
    { _, connection in
      connection.start(200, ("Content-Type", type), ("Transfer-Encoding", "chunked"))
      var rest = content[...]
      while !rest.isEmpty {
        let piece = rest.prefix(10_000)
        connection.send("\(String(piece.count, radix: 16))\r\n")
        connection.send(piece)
        connection.send("\r\n")
        rest = rest.dropFirst(10_000)
      }
      connection.send("0\r\n\r\n")
    }
  }

  /// Sends `content` with the given headers.
  public static func custom(
    _ status: Int, _ headers: [(String, String)], _ content: [UInt8] = []
  ) -> LocalServer.Answer {
    { _, connection in
      connection.send("HTTP/1.1 \(status) Whatever\r\n")
      for (name, value) in headers { connection.send("\(name): \(value)\r\n") }
      if !headers.contains(where: { $0.0 == "Content-Length" }) {
        connection.send("Content-Length: \(content.count)\r\n")
      }
      connection.send("Connection: close\r\n\r\n")
      connection.send(content)
    }
  }

  public static func status(_ status: Int) -> LocalServer.Answer { custom(status, []) }

  /// Sends a web page, like a network that requires a sign-in.
  public static func page() -> LocalServer.Answer {
    custom(
      200, [("Content-Type", "text/html; charset=utf-8")],
      Array("<!DOCTYPE html><title>Please sign in</title>".utf8))
  }

  public static func redirection(to address: String, status: Int = 302) -> LocalServer.Answer {
    custom(status, [("Location", address)])
  }

  /// Sends bytes that are not HTTP.
  public static func nonsense() -> LocalServer.Answer {
    { _, connection in connection.send("what do you want?\n") }
  }

  private static func start(
    _ content: [UInt8], _ tag: String?, _ knowsRanges: Bool, _ request: LocalServer.Request,
    _ connection: LocalConnection
  ) {
    let offset = knowsRanges ? offset(request, tag) : 0
    let type = ("Content-Type", "application/x-gzip")
    let length = ("Content-Length", "\(content.count - offset)")
    let tag = ("ETag", tag ?? "W/\"weak\"")
    if offset > 0 {
      let range = "bytes \(offset)-\(content.count - 1)/\(content.count)"
      connection.start(206, type, length, tag, ("Content-Range", range))
    } else {
      connection.start(200, type, length, tag)
    }
  }

  /// The first byte to send: 0 if the client has a part of another file (RFC 9110, section 13.1.5).
  private static func offset(_ request: LocalServer.Request, _ tag: String?) -> Int {
    guard let wanted = request.headers["if-range"], wanted != tag else { return request.offset }
    return 0
  }
}
