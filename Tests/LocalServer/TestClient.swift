import Foundation

/// A client that sends bytes as a test wants them, and reads answers.
package final class TestClient {
  package struct Answer {
    package let status: Int
    /// By name in lower case.
    package let headers: [String: String]
    package let body: String

    package var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(body.utf8))) as? [String: Any] ?? [:]
    }
    package var error: String { json["error"] as? String ?? "" }
    package var images: [[String: Any]] { json["images"] as? [[String: Any]] ?? [] }
  }

  private let descriptor: Int32
  private var received: [UInt8] = []
  /// True if the server has closed the connection.
  package private(set) var isOver = false

  /// Connects to 127.0.0.1. A read waits for at most five seconds.
  package init(_ port: UInt16) {
    _ = signal(SIGPIPE, SIG_IGN)
    #if canImport(Glibc)
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    isOver = connected != 0
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { _ = systemClose(descriptor) }

  package func send(_ text: String) { send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        systemSend(descriptor, $0.baseAddress! + sent, bytes.count - sent)
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Closes with a reset, as a process that was killed may.
  package func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Ends sending, and keeps reading.
  package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends a request and reads the answer.
  package func request(
    _ method: String, _ path: String, _ headers: [String] = [], body: [UInt8] = []
  ) -> Answer? {
    send(Self.request(method, path, headers, body: body))
    return answer(hasBody: method != "HEAD")
  }

  package static func request(
    _ method: String, _ path: String, _ headers: [String] = [], body: [UInt8] = []
  ) -> [UInt8] {
    var lines = ["\(method) \(path) HTTP/1.1"] + headers
    if !headers.contains(where: { $0.lowercased().hasPrefix("host:") }) {
      lines.append("Host: localhost")
    }
    if method == "POST" { lines.append("Content-Length: \(body.count)") }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }

  /// The next answer; nil if the connection ends before.
  package func answer(hasBody: Bool = true) -> Answer? {
    while true {
      if let (answer, length) = Self.parse(received, hasBody) {
        received.removeFirst(length)
        if answer.status != 100 { return answer }
      } else if !receive() {
        return nil
      }
    }
  }

  /// Reads until the server closes the connection.
  package func readToEnd() -> String {
    while receive() {}
    return String(decoding: received, as: UTF8.self)
  }

  private func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else {
      isOver = count == 0 || errno != EAGAIN
      return false
    }
    received += buffer[..<count]
    return true
  }

  private static func parse(_ bytes: [UInt8], _ hasBody: Bool) -> (Answer, Int)? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return nil }
    let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let status = Int(lines[0].split(separator: " ")[1]) ?? 0
    let start = text[..<end.upperBound].utf8.count
    let length = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
    guard bytes.count >= start + length else { return nil }
    let body = String(decoding: bytes[start..<start + length], as: UTF8.self)
    return (Answer(status: status, headers: headers, body: body), start + length)
  }
}

// Methods of the same names hide the system's functions.
private func systemSend(_ to: Int32, _ from: UnsafeRawPointer, _ count: Int) -> Int {
  send(to, from, count, 0)
}
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
