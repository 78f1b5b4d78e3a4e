import Processes

/// One GET request, sent by the program `curl`, whose answer comes as events.
///
/// Redirections are not followed: they come as answers. The caller decides what events mean, writes
/// files and keeps time.
final class HTTPTransfer {
  enum Event {
    case answer(HTTPAnswer)
    case data([UInt8])
    /// The end, with the reason where it came too early.
    case end(String?)
  }

  /// The most bytes of an answer's head.
  private static let headLimit = 1 << 16

  private var process: ChildProcess?
  /// Why there is no process.
  private var failure: String?
  /// What was read of the head, until it is complete; nil afterwards.
  private var head: [UInt8]? = []
  private var events: [Event] = []

  /// Sends the request.
  ///
  /// - Parameters:
  ///   - offset: the first byte to ask for.
  ///   - validator: the entity tag that the bytes before `offset` came under: with another one the
  ///     server is to send the whole file.
  init(_ address: MirrorAddress, offset: Int, validator: String?) {
    var arguments = [
      // It must come first: no settings of the user's.
      "--disable", "--silent", "--show-error", "--no-buffer", "--globoff",
      // Unlike --include this writes the headers at once, not with the first bytes of the file.
      "--dump-header", "-", "--suppress-connect-headers",
      "--proto", address.isSecure ? "=https" : "=http",
      "--user-agent", "lecture-cnn",
      // If this process is killed, a stalled curl ends by itself.
      "--speed-limit", "1", "--speed-time", "120",
      // A file must come as the bytes that it has, or it cannot be resumed.
      "--header", "Accept-Encoding: identity",
    ]
    if offset > 0 {
      arguments += ["--header", "Range: bytes=\(offset)-"]
      if let validator { arguments += ["--header", "If-Range: \(validator)"] }
    }
    do throws(ChildProcessError) {
      // In a group of its own: Ctrl-C is for the caller, which then cancels.
      process = try ChildProcess(
        "curl", arguments + ["--url", "\(address)"], keepsErrors: true, inOwnGroup: true)
    } catch {
      failure = "the program curl cannot be started; scripts/bootstrap installs it"
    }
  }

  /// The next event, or nil if none comes within `seconds`.
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

  /// Ends the transfer, unless it has ended.
  func cancel() { process = nil }

  /// Takes the head of the answer, and data after it, out of what was read.
  private func readHead() {
    while let bytes = head, let end = Self.endOfHead(bytes) {
      let answer = HTTPAnswer(Array(bytes[..<end]))
      let rest = Array(bytes[(end + 4)...])
      if let answer, (100..<200).contains(answer.status) {
        // The answer proper comes after it.
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

  /// Where the empty line after the headers begins.
  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    let mark: [UInt8] = [13, 10, 13, 10]
    guard bytes.count >= mark.count else { return nil }
    return (0...bytes.count - mark.count).first {
      bytes[$0..<($0 + mark.count)].elementsEqual(mark)
    }
  }

  /// In a few words why curl ended with `code`; see the exit codes of curl(1).
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
