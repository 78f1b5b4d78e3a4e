import Foundation

/// One client of a ``LocalServer``.
public final class LocalConnection: @unchecked Sendable {
  private let descriptor: Int32
  private let isStopped: () -> Bool

  init(_ descriptor: Int32, isStopped: @escaping () -> Bool) {
    self.descriptor = descriptor
    self.isStopped = isStopped
  }

  func readRequest() -> LocalServer.Request? {
    var text = ""
    var byte: UInt8 = 0
    while !text.hasSuffix("\r\n\r\n") {
      guard text.utf8.count < 1 << 16, recv(descriptor, &byte, 1, 0) == 1 else { return nil }
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
    let lines = text.components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count == 3, words[0] == "GET" else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
        .trimmingCharacters(in: .whitespaces)
    }
    return .init(path: String(words[1]), headers: headers)
  }

  /// Sends the first part of an answer.
  public func start(_ status: Int, _ headers: (String, String)...) {
    send("HTTP/1.1 \(status) Whatever\r\n")
    for (name, value) in headers { send("\(name): \(value)\r\n") }
    send("Connection: close\r\n\r\n")
  }

  public func send(_ text: String) { send(Array(text.utf8)) }

  public func send(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count, !isStopped() {
      let count = bytes.withUnsafeBytes {
        systemSend(descriptor, $0.baseAddress! + sent, bytes.count - sent)
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Sends nothing more, until the client disconnects or the server is stopped.
  public func stall() {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while !isStopped(), poll(&waiting, 1, 20) == 0 {}
  }

  /// Waits for 10 ms.
  public func pause() { usleep(10_000) }

  /// Resets the connection instead of closing it.
  public func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  func close() { _ = systemClose(descriptor) }
}

// Methods of the same names hide the system's functions.
private func systemSend(_ to: Int32, _ from: UnsafeRawPointer, _ count: Int) -> Int {
  send(to, from, count, 0)
}
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
