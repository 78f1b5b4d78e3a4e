import Processes

/// One GET request, sent by the program `curl`, whose answer arrives as events.
///
/// Redirections are not followed: they arrive as answers. The caller interprets the events, writes
/// files and measures time.
final class HTTPTransfer {
  enum Event {
    case answer(HTTPAnswer)
    case data([UInt8])
    /// The end, with the reason if it came too early.
    case end(String?)
  }

  /// The maximum size of an answer's head in bytes.
  private static let headLimit = 1 << 16

  private var process: ChildProcess?
  /// The reason why no process could be started.
  private var failure: String?
  /// The bytes of the head read so far; nil once the head is complete.
  private var head: [UInt8]? = []
  private var events: [Event] = []

  /// Sends the request.
  ///
  /// - Parameters:
  ///   - offset: the first byte to request.
  ///   - validator: the entity tag of the bytes before `offset`. If the server's file has another
  ///     tag, the server sends the whole file.
  ///     server is to send the whole file.
  init(_ address: MirrorAddress, offset: Int, validator: String?) {
    var arguments = [
      // `--disable` must come first. It makes curl ignore the user's settings.
      "--disable", "--silent", "--show-error", "--no-buffer", "--globoff",
      // Unlike --include, this writes the headers at once and not with the first bytes of the body.
      "--dump-header", "-", "--suppress-connect-headers",
      "--proto", address.isSecure ? "=https" : "=http",
      "--user-agent", "lecture-cnn",
      // If this process is killed, a stalled curl ends by itself.
      "--speed-limit", "1", "--speed-time", "120",
      // A resumed download needs the file's own bytes, not a compressed form.
      "--header", "Accept-Encoding: identity",
    ]
    if offset > 0 {
      arguments += ["--header", "Range: bytes=\(offset)-"]
      if let validator { arguments += ["--header", "If-Range: \(validator)"] }
    }
    do throws(ChildProcessError) {
      // In its own group, curl does not receive Ctrl-C. The caller does, and cancels.
      process = try ChildProcess(
        "curl", arguments + ["--url", "\(address)"], keepsErrors: true, inOwnGroup: true)
    } catch {
      failure = "the program curl cannot be started; scripts/bootstrap installs it"
    }
  }

  /// The next event, or nil if there is none within `seconds`.
  func next(within seconds: Double) -> Event? {
    if !events.isEmpty { return events.removeFirst() }
    if let failure { return .end(failure) }
    guard let process, let bytes = process.read(within: seconds) else { return nil }
    if bytes.isEmpty {
      let code = process.wait()
      return .end(code == 0 ? nil : Self.reason(code, process.remainingErrors()))
    }
    guard head != nil else { return .data(bytes) }
    head! += bytes
    readHead()
    return events.isEmpty ? nil : events.removeFirst()
  }

  /// Ends the transfer if it is still running.
  func cancel() { process = nil }

  /// Reads the head of the answer, and any data after it, from the bytes so far.
  private func readHead() {
    while let bytes = head, let end = Self.endOfHead(bytes) {
      let answer = HTTPAnswer(Array(bytes[..<end]))
      let rest = Array(bytes[(end + 4)...])
      if let answer, (100..<200).contains(answer.status) {
        // This is an interim answer (1xx); the final one follows.
        head = rest
        continue
      }
      head = nil
      guard let answer else { return fail("the answer is not HTTP") }
      events.append(.answer(answer))
      if !rest.isEmpty { events.append(.data(rest)) }
    }
    if let head, head.count > Self.headLimit { fail("the answer is not HTTP") }
  }

  private func fail(_ reason: String) {
    failure = reason
    events = [.end(reason)]
  }

  /// The index of the empty line after the headers.
  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    let mark: [UInt8] = [13, 10, 13, 10]
    guard bytes.count >= mark.count else { return nil }
    return (0...bytes.count - mark.count).first {
      bytes[$0..<($0 + mark.count)].elementsEqual(mark)
    }
  }

  /// A short reason why curl ended with `code`; see the exit codes in curl(1).
  private static func reason(_ code: Int32, _ errors: String) -> String {
    switch code {
    case 6: return "no such host is known"
    case 7: return "no connection"
    default:
      // `curl: (60) SSL certificate problem: …`
      let line = errors.split(separator: "\n").first.map(String.init) ?? ""
      guard let end = line.firstIndex(of: ")") else { return "curl ended with code \(code)" }
      return String(line[line.index(after: end)...].drop { $0 == " " })
    }
  }
}
