import Foundation
import LocalServer
import Synchronization
import Testing

@testable import WebServer

/// Answers with the request; `/hold` waits for the test.
private final class Echo: HTTPHandler, Sendable {
  let held = Mutex<[HTTPReply]>([])
  let statuses = Mutex<[Int]>([])

  func check(_ head: HTTPHead) throws(HTTPProblem) {
    if head.path == "/no" { throw HTTPProblem(404, "There is no such path.") }
  }

  func respond(to request: HTTPRequest, through reply: HTTPReply) {
    if request.head.path == "/hold" { return held.withLock { $0.append(reply) } }
    reply.send(HTTPResponse(contentType: "text/plain", body: request.body))
  }

  func didAnswer(_ path: String?, status: Int, seconds: Double) {
    statuses.withLock { $0.append(status) }
  }

  /// Answers a request for `/hold`.
  func release() -> Bool {
    guard RunningServer.wait(until: { held.withLock { !$0.isEmpty } }) else { return false }
    held.withLock { $0.removeFirst() }.send(HTTPResponse(contentType: "text/plain", body: [0x21]))
    return true
  }
}

@Suite struct WebServerTests {
  private let echo = Echo()

  private func server(_ configure: (inout ServerLimits) -> Void = { _ in }) throws -> RunningServer
  {
    try RunningServer(echo, configure)
  }

  /// The server answers a new client.
  private func isWell(_ server: RunningServer) -> Bool {
    server.client().request("POST", "/", body: Array("hello".utf8))?.body == "hello"
  }

  @Test func requestsFollowOneAnotherOnAConnection() throws {
    let server = try server()
    let client = server.client()
    for text in ["one", "", String(repeating: "three", count: 100_000)] {
      let answer = try #require(client.request("POST", "/", body: Array(text.utf8)))
      #expect(answer.status == 200 && answer.body == text)
      #expect(answer.headers["connection"] == nil)
      #expect(answer.headers["x-content-type-options"] == "nosniff")
      #expect(answer.headers["date"]?.hasSuffix(" GMT") == true)
    }
    // Three requests at once.
    client.send(["a", "b", "c"].flatMap { TestClient.request("POST", "/", body: Array($0.utf8)) })
    for text in ["a", "b", "c"] { #expect(client.answer()?.body == text) }
    // A refused request without a body does not end the connection.
    client.send(
      TestClient.request("GET", "/no") + TestClient.request("GET", "/no")
        + TestClient.request("POST", "/", body: [0x64]))
    #expect(client.answer()?.status == 404 && client.answer()?.error == "There is no such path.")
    #expect(client.answer()?.body == "d")
    // Chunks, byte by byte.
    for byte
      in "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"
      .utf8
    {
      client.send([byte])
    }
    #expect(client.answer()?.body == "xyz")
    let head = try #require(client.request("HEAD", "/"))
    #expect(head.status == 200 && head.headers["content-length"] == "0")
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    usleep(20_000)
    client.send("ok")
    #expect(client.answer()?.body == "ok")
    #expect(server.server.connectionCount == 1)
    let last = try #require(client.request("GET", "/", ["Connection: close"]))
    #expect(last.headers["connection"] == "close" && client.readToEnd().isEmpty)
  }

  @Test func clientsOfTheOldVersionAreAnswered() throws {
    let server = try server()
    let client = server.client()
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(client.answer()?.headers["connection"] == "keep-alive")
    client.send("GET / HTTP/1.0\r\n\r\n")
    #expect(client.answer()?.headers["connection"] == "close")
    // A client that ends its half of the connection still gets its answer.
    let half = server.client()
    half.send(TestClient.request("POST", "/", body: [0x68, 0x69]))
    half.finishSending()
    #expect(half.answer()?.body == "hi")
  }

  @Test func sizesAreLimited() throws {
    let server = try server {
      $0.headBytes = 1000
      $0.bodyBytes = 1000
    }
    let long = server.client().request("GET", "/", ["X: \(String(repeating: "x", count: 2000))"])
    #expect(long?.status == 431)
    let endless = server.client()
    endless.send("GET /" + String(repeating: "x", count: 5000))
    #expect(endless.answer()?.status == 431)
    // The answer comes before the body, and reaches a client that sends all of it.
    let large = server.client()
    large.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n")
    large.send([UInt8](repeating: 0, count: 3_000_000))
    let answer = try #require(large.answer())
    #expect(answer.status == 413 && answer.headers["connection"] == "close")
    #expect(answer.error == "The body is too large (found 3000000 bytes, expected at most 1000).")
    let chunked = server.client()
    chunked.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n")
    #expect(chunked.answer()?.status == 413)
    #expect(isWell(server))
  }

  @Test func slowClientsAreTimedOut() throws {
    let server = try server {
      $0.headSeconds = 0.3
      $0.bodySeconds = 0.3
      $0.idleSeconds = 0.5
      $0.answerSeconds = 0.3
    }
    let clients = (0..<4).map { _ in server.client() }
    clients[0].send("GET / HT")
    clients[1].send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
    clients[2].send(TestClient.request("GET", "/hold"))
    #expect(clients[0].answer()?.status == 408)
    #expect(
      clients[1].answer()?.error == "The body did not arrive within 0.3 s.")
    let busy = clients[2].answer()
    #expect(busy?.status == 503 && busy?.headers["retry-after"] == "1")
    // A connection without a request is closed without a word.
    #expect(clients[3].readToEnd().isEmpty && clients[3].isOver)
    // A late answer harms nobody.
    #expect(echo.release())
    #expect(isWell(server))
  }

  @Test func brokenClientsHarmNobody() throws {
    let server = try server()
    let broken: [[UInt8]] = [
      Array("GET / HTTP/1.1\r\nHo".utf8), TestClient.request("POST", "/", body: [1]).dropLast(1),
      [0x16, 0x03, 0x01, 0x00, 0xf4], TestClient.request("GET", "/hold"), [],
    ]
    for bytes in broken {
      for resets in [false, true] {
        let client = server.client()
        client.send(bytes)
        usleep(5_000)
        if resets { client.reset() }
      }
    }
    let garbage = server.client()
    garbage.send("what do you want?\r\n\r\n")
    #expect(garbage.answer()?.status == 400)
    #expect(echo.release() && echo.release())
    #expect(isWell(server))
    #expect(RunningServer.wait { server.server.connectionCount <= 2 })
  }

  @Test func newClientsTakeThePlaceOfIdleOnes() throws {
    let server = try server { $0.connections = 4 }
    let idle = (0..<4).map { _ in server.client() }
    #expect(RunningServer.wait { server.server.connectionCount == 4 })
    #expect(isWell(server))
    #expect(idle[0].readToEnd().isEmpty && idle[0].isOver)
    // Where all have requests in progress, one more is refused.
    let busy = (0..<4).map { _ in server.client() }
    for client in busy { client.send(TestClient.request("GET", "/hold")) }
    #expect(RunningServer.wait { echo.held.withLock { $0.count } == 4 })
    let refused = server.client().request("GET", "/")
    #expect(refused?.status == 503 && refused?.headers["retry-after"] == "1")
    #expect(refused?.error == "All 4 connections are in use.")
    for _ in busy { #expect(echo.release()) }
    for client in busy { #expect(client.answer()?.body == "!") }
    #expect(isWell(server))
  }

  @Test func stoppingCompletesWhatHasBegun() throws {
    let server = try server()
    let (idle, working, sending) = (server.client(), server.client(), server.client())
    working.send(TestClient.request("GET", "/hold"))
    let request = TestClient.request("POST", "/", body: [0x61, 0x62])
    sending.send(Array(request.dropLast(1)))
    #expect(RunningServer.wait { echo.held.withLock { $0.count } == 1 })
    #expect(RunningServer.wait { server.server.connectionCount == 3 })
    usleep(20_000)
    server.server.stop()
    #expect(idle.readToEnd().isEmpty && idle.isOver)
    #expect(server.client().request("GET", "/") == nil)
    #expect(!server.ends(within: 0.1))
    sending.send([0x62])
    let sent = sending.answer()
    #expect(sent?.body == "ab" && sent?.headers["connection"] == "close")
    #expect(echo.release())
    #expect(working.answer()?.body == "!")
    _ = (sending.readToEnd(), working.readToEnd())
    // The clients have seen the end, and close their connections.
    sending.finishSending()
    working.finishSending()
    #expect(server.ends(within: 2.9))
  }

  @Test func stoppingWaitsForALimitedTime() throws {
    let server = try server { $0.stopSeconds = 0.2 }
    let client = server.client()
    client.send(TestClient.request("GET", "/hold"))
    #expect(RunningServer.wait { echo.held.withLock { $0.count } == 1 })
    server.server.stop()
    #expect(server.ends(within: 2))
    #expect(client.answer() == nil)
  }

  @Test func addressesAreChecked() throws {
    #expect(HostAddress("localhost")?.isLoopback == true)
    #expect(HostAddress("127.9.9.9")?.isLoopback == true && HostAddress("::1")?.isLoopback == true)
    #expect(HostAddress("0.0.0.0")?.isLoopback == false && HostAddress("::")?.isLoopback == false)
    #expect(HostAddress("example.org") == nil && HostAddress("") == nil)
    #expect(HostAddress("::1")?.with(port: 80) == "[::1]:80")
    let server = try server()
    let error = #expect(throws: ServerError.self) {
      try WebServer(HostAddress("127.0.0.1")!, port: server.port, handler: echo)
    }
    #expect(error?.description.hasPrefix("127.0.0.1:\(server.port): cannot be opened") == true)
  }
}
