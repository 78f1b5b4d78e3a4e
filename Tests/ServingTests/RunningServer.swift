import Foundation
import LocalServer
import WebServer

/// A server on a thread of its own, stopped at the test's end.
final class RunningServer {
  let server: WebServer
  private let ended = DispatchSemaphore(value: 0)

  init(_ handler: any HTTPHandler, _ configure: (inout ServerLimits) -> Void = { _ in }) throws {
    var limits = ServerLimits()
    limits.stopSeconds = 3
    configure(&limits)
    server = try WebServer(HostAddress("127.0.0.1")!, port: 0, limits: limits, handler: handler)
    let (server, ended) = (server, ended)
    Thread.detachNewThread {
      server.run()
      ended.signal()
    }
  }

  deinit { server.stop() }

  var port: UInt16 { server.port }

  func client() -> TestClient { TestClient(port) }

  /// True if the server ends within `seconds`.
  func ends(within seconds: Double) -> Bool { ended.wait(timeout: .now() + seconds) == .success }

  /// Waits until `condition` is true, for at most five seconds.
  static func wait(until condition: () -> Bool) -> Bool {
    let deadline = Date.now.addingTimeInterval(5)
    while !condition() {
      if Date.now > deadline { return false }
      usleep(2_000)
    }
    return true
  }
}
