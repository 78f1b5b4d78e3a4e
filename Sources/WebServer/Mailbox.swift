import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Answers on their way from other threads to the server's thread, which a pipe wakes.
final class Mailbox: Sendable {
  private struct State {
    var answers: [(connection: UInt64, response: HTTPResponse)] = []
    /// True if a byte in the pipe announces the answers.
    var isAnnounced = false
  }

  private let state = Mutex(State())
  /// The end of the pipe for `poll`.
  let wakes: Int32
  private let announces: Int32

  init() throws(ServerError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ServerError(address: "pipe", code: errno) }
    (wakes, announces) = (ends[0], ends[1])
    for end in ends { makeNonBlocking(end) }
  }

  deinit {
    close(wakes)
    close(announces)
  }

  func post(_ response: HTTPResponse, to connection: UInt64) {
    let announces = state.withLock { state in
      state.answers.append((connection, response))
      defer { state.isAnnounced = true }
      return !state.isAnnounced
    }
    if announces { wake() }
  }

  /// Makes the server's thread look around.
  func wake() {
    var byte: UInt8 = 0
    _ = write(announces, &byte, 1)
  }

  /// All answers so far.
  func take() -> [(connection: UInt64, response: HTTPResponse)] {
    var bytes: (UInt64, UInt64) = (0, 0)
    _ = read(wakes, &bytes, 16)
    return state.withLock { state in
      defer { state = State() }
      return state.answers
    }
  }
}

/// Makes calls on the descriptor return at once, and hides it from child processes.
func makeNonBlocking(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
