#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A client of a ``WebServer``. All functions are called on the server's thread.
final class Connection {
  enum State {
    /// Waits for the head of a request, or reads it.
    case head
    case body(HTTPHead, BodyReader)
    /// The handler has the request.
    case handled(HTTPHead)
    case writing
    /// The answer is sent and no request will follow. What still arrives is read and forgotten,
    /// because closing a socket with unread bytes would discard the answer on its way.
    case draining
    case closed
  }

  let id: UInt64
  let descriptor: Int32
  private(set) var state = State.head
  /// The time at which the current state ends the connection.
  private(set) var deadline: Double
  /// The time at which the current request began, or the connection.
  private(set) var beganAt: Double
  /// Bytes that were received and not yet read.
  private var input: ArraySlice<UInt8> = []
  /// The number of bytes of `input` without the end of a head.
  private var searched = 0
  private var output: ArraySlice<UInt8> = []
  /// True if the connection ends after the answer.
  private var isLast = false
  /// The bytes of the request's body.
  private(set) var bodyBytes = 0
  private var headCompletedAt = 0.0

  private let limits: ServerLimits

  init(id: UInt64, descriptor: Int32, now: Double, _ limits: ServerLimits) {
    self.id = id
    self.descriptor = descriptor
    self.limits = limits
    beganAt = now
    deadline = now + limits.idleSeconds
  }

  /// True if the client has sent no part of a request.
  var isIdle: Bool { if case .head = state { input.isEmpty } else { false } }

  var isClosed: Bool { if case .closed = state { true } else { false } }

  /// True if the connection reads a head.
  var readsHead: Bool { if case .head = state { true } else { false } }

  /// What `poll` waits for.
  var events: Int16 {
    switch state {
    case .head, .body, .draining: Int16(POLLIN)
    case .writing: Int16(POLLOUT)
    case .handled, .closed: 0
    }
  }

  func close() {
    guard !isClosed else { return }
    state = .closed
    bodyBytes = 0
    _ = systemClose(descriptor)
  }

  // MARK: Reading

  /// Receives what has arrived.
  ///
  /// - Parameter buffer: memory for it.
  /// - Returns: false if the client has gone.
  func receive(_ buffer: UnsafeMutableRawBufferPointer, now: Double) -> Bool {
    let count = recv(descriptor, buffer.baseAddress!, buffer.count, 0)
    if count < 0 { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR }
    guard count > 0 else { return false }
    if case .draining = state { return true }
    if isIdle { beginRequest(now) }
    input += buffer[..<count]
    return true
  }

  private func beginRequest(_ now: Double) {
    beganAt = now
    deadline = now + limits.headSeconds
  }

  /// The next head, if it is complete.
  func nextHead(now: Double) throws(HTTPProblem) -> HTTPHead? {
    guard case .head = state else { return nil }
    // Empty lines in front of a request are skipped (RFC 9112, section 2.2).
    while input.count >= 2, input[input.startIndex] == 0x0d, input[input.startIndex + 1] == 0x0a {
      input = input.dropFirst(2)
      searched = 0
    }
    guard let end = headEnd() else {
      guard input.count <= limits.headBytes else { throw headTooLarge }
      return nil
    }
    guard end - input.startIndex <= limits.headBytes else { throw headTooLarge }
    defer {
      input = input[(end + 4)...]
      searched = 0
    }
    headCompletedAt = now
    return try HTTPHead(input[..<(end + 2)])
  }

  /// The index of the CR LF CR LF at the end of the head.
  private func headEnd() -> Int? {
    let found = input.withUnsafeBufferPointer { bytes -> Int? in
      var place = max(0, searched - 3)
      while place + 3 < bytes.count {
        if bytes[place] == 0x0d && bytes[place + 1] == 0x0a && bytes[place + 2] == 0x0d
          && bytes[place + 3] == 0x0a
        {
          return place
        }
        place += 1
      }
      return nil
    }
    searched = input.count
    return found.map { $0 + input.startIndex }
  }

  private var headTooLarge: HTTPProblem {
    HTTPProblem(
      431, "The header fields are too large (expected at most \(limits.headBytes) bytes).")
  }

  /// Starts to read the body behind `head`.
  func beginBody(of head: HTTPHead, now: Double) throws(HTTPProblem) {
    let reader = try BodyReader(head.framing, limit: limits.bodyBytes)
    state = .body(head, reader)
    deadline = now + limits.bodySeconds
    if head.expectsContinue, !reader.isComplete, input.isEmpty {
      _ = write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)[...])
    }
  }

  /// Reads the body, and returns the request when it is complete.
  func readBody(now: Double) throws(HTTPProblem) -> HTTPRequest? {
    guard case .body(let head, var reader) = state else { return nil }
    state = .head  // The reader must not be shared while it appends.
    do throws(HTTPProblem) { try reader.read(&input) } catch {
      state = .body(head, reader)
      throw error
    }
    bodyBytes = reader.body.count
    guard reader.isComplete else {
      state = .body(head, reader)
      return nil
    }
    if input.isEmpty { input = [] }
    state = .handled(head)
    deadline = now + limits.answerSeconds
    return HTTPRequest(head: head, body: reader.body)
  }

  // MARK: Writing

  /// The head of the request that is not yet answered.
  var head: HTTPHead? {
    switch state {
    case .body(let head, _), .handled(let head): head
    default: nil
    }
  }

  /// The time since the head was complete.
  func seconds(until now: Double) -> Double { head == nil ? 0 : now - headCompletedAt }

  /// Sends the answer.
  ///
  /// - Parameters:
  ///   - head: the request; nil if its head was not complete.
  ///   - isLast: true to close the connection afterwards.
  func answer(
    _ response: HTTPResponse, to head: HTTPHead?, isLast: Bool, date: String, now: Double
  ) {
    self.isLast = isLast || !(head?.keepsConnection ?? false)
    let word = self.isLast ? "close" : head?.isVersion11 == false ? "keep-alive" : nil
    output =
      response.encoded(
        date: date, connection: word, withBody: head?.method != "HEAD")[...]
    bodyBytes = 0
    state = .writing
    deadline = now + limits.writeSeconds
    writeMore(now: now)
  }

  /// Sends as much of the answer as the system takes.
  func writeMore(now: Double) {
    guard let count = write(output) else { return close() }
    output = output.dropFirst(count)
    guard output.isEmpty else {
      if count > 0 { deadline = now + limits.writeSeconds }
      return
    }
    output = []
    if isLast {
      shutdown(descriptor, Int32(SHUT_WR))
      input = []
      state = .draining
      deadline = now + 2
    } else {
      state = .head
      searched = 0
      if input.isEmpty {
        beganAt = now
        deadline = now + limits.idleSeconds
      } else {
        beginRequest(now)
      }
    }
  }

  /// The number of bytes that the system took; nil if the client has gone.
  private func write(_ bytes: ArraySlice<UInt8>) -> Int? {
    #if canImport(Glibc)
      let flags = Int32(MSG_NOSIGNAL)
    #else
      let flags: Int32 = 0
    #endif
    let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : nil
  }
}

// `Connection.close` hides the system's function.
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
