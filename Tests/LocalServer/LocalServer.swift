import Foundation

/// An HTTP server on 127.0.0.1 whose answers the test chooses.
public final class LocalServer: @unchecked Sendable {
  /// The request of a client.
  public struct Request: Sendable, Equatable {
    public let path: String
    /// The headers by name in lower case.
    public let headers: [String: String]

    /// The first requested byte.
    public var offset: Int {
      guard let range = headers["range"], range.hasPrefix("bytes="), range.hasSuffix("-") else {
        return 0
      }
      return Int(range.dropFirst(6).dropLast()) ?? 0
    }
  }

  /// Writes an answer to a connection; the server closes the connection afterwards.
  public typealias Answer = @Sendable (Request, LocalConnection) -> Void

  public let port: UInt16
  private let listener: Int32
  private let lock = NSLock()
  /// Guarded by `lock`.
  private var answers: [String: [Answer]] = [:]
  private var received: [Request] = []
  private var accepted = 0
  private var isStopped = false

  public init() {
    _ = signal(SIGPIPE, SIG_IGN)
    #if canImport(Glibc)
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    precondition(isListening, "no server on 127.0.0.1: \(String(cString: strerror(errno)))")
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in accept() }
  }

  /// The address of the files' folder, with a slash at its end.
  public var folder: String { "http://127.0.0.1:\(port)/" }

  public func address(of path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// Sets the answers to successive requests for `path`, which has no slash at its start. The last
  /// answer is repeated.
  public func answer(_ path: String, _ answers: Answer...) { answer(path, answers) }

  public func answer(_ path: String, _ answers: [Answer]) {
    lock.withLock { self.answers["/" + path] = answers }
  }

  /// The requests so far.
  public var requests: [Request] { lock.withLock { received } }

  /// The number of connections so far.
  public var connections: Int { lock.withLock { accepted } }

  /// Ends the answers in progress, and accepts no more requests.
  public func stop() {
    lock.withLock { isStopped = true }
    _ = shutdown(listener, Int32(SHUT_RDWR))
  }

  private func accept() {
    while true {
      let descriptor = systemAccept(listener)
      guard descriptor >= 0 else {
        if errno == EINTR || errno == ECONNABORTED { continue }
        break
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      lock.withLock { accepted += 1 }
      Thread.detachNewThread { [self] in
        let connection = LocalConnection(descriptor) { self.lock.withLock { self.isStopped } }
        if let request = connection.readRequest() { next(request)(request, connection) }
        connection.close()
      }
    }
    close(listener)
  }

  private func next(_ request: Request) -> Answer {
    lock.withLock {
      received.append(request)
      guard let left = answers[request.path], let first = left.first else {
        return Answers.status(404)
      }
      if left.count > 1 { answers[request.path]!.removeFirst() }
      return first
    }
  }
}

// `LocalServer.accept` hides the system's function of the same name.
private func systemAccept(_ listener: Int32) -> Int32 { accept(listener, nil, nil) }
