import Datasets
import Foundation
import LocalServer
import Testing

@testable import Downloads
@testable import Files

/// The exact message of each mirror problem, in one line. At most a part file remains.
@Suite struct MirrorProblemTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let answers: [LocalServer.Answer]
    let problem: String
    var kept = 0
    var knowsSize = true
    /// The number of requests to the mirror.
    var requests = 1
    var testDescription: String { name }
  }

  private static let content = Scene.content
  private static let sha256 = Hash.sha256(of: [content])

  private static let cases = [
    Case(name: "not found", answers: [Answers.status(404)], problem: "answered 404 (not found)"),
    Case(name: "forbidden", answers: [Answers.status(403)], problem: "answered 403 (forbidden)"),
    Case(
      name: "server's fault", answers: [Answers.status(503)],
      problem: "answered 503 (a fault of the server)"),
    Case(name: "no content", answers: [Answers.status(204)], problem: "answered 204"),
    Case(
      name: "web page", answers: [Answers.page()],
      problem: "sends a web page instead of the file; perhaps the network wants a sign-in"),
    Case(
      name: "web page without length",
      answers: [Answers.unannounced(Array("<html>".utf8), type: "text/html")],
      problem: "sends a web page instead of the file; perhaps the network wants a sign-in"),
    Case(
      name: "another size", answers: [Answers.file(Array(content.dropLast()))],
      problem: "another file (found 199999 bytes, expected 200000)"),
    Case(
      name: "a little more", answers: [Answers.file(content + [0])],
      problem: "another file (found 200001 bytes, expected 200000)"),
    Case(
      name: "a length beyond all files",
      answers: [
        Answers.custom(200, [("Content-Length", "9000000000000000000")], content)
      ], problem: "another file (found 9000000000000000000 bytes, expected 200000)"),
    Case(
      name: "other bytes", answers: [Answers.file(Scene.wrong)],
      problem:
        "another file (found SHA-256 \(Hash.sha256(of: [Scene.wrong])), expected \(sha256))"),
    Case(
      name: "a page as a file",
      answers: [Answers.file(page)],
      problem: "another file (found SHA-256 \(Hash.sha256(of: [page])), an HTML page, "
        + "expected \(sha256))"),
    Case(
      name: "less, unannounced", answers: [Answers.unannounced(Array(content.prefix(70_000)))],
      problem: "another file (found 70000 bytes, expected 200000)"),
    Case(
      name: "more, unannounced", answers: [Answers.unannounced(content + content)],
      problem: "another file (found more than 200000 bytes)"),
    Case(
      name: "too large", answers: [Answers.file(content + content)],
      problem: "another file (found more than 300000 bytes)", knowsSize: false),
    Case(
      name: "too large, unannounced", answers: [Answers.unannounced(content + content)],
      problem: "another file (found more than 300000 bytes)", knowsSize: false),
    Case(
      name: "packed again",
      answers: [Answers.custom(200, [("Content-Encoding", "gzip")], [0x1f, 0x8b, 8])],
      problem: "sends the file packed as gzip (expected it as it is)"),
    Case(
      name: "cut short", answers: [Answers.cutShort(content, after: 50_000), Answers.status(500)],
      problem: "answered 500 (a fault of the server)", kept: 50_000, requests: 2),
    Case(
      name: "nothing of it", answers: [Answers.cutShort(content, after: 0)],
      problem: "the connection broke off (found 0 bytes, expected 200000)"),
    Case(
      name: "cut short again and again", answers: [Answers.cutShort(content, after: 1000)],
      problem: "the connection broke off (found 10000 bytes, expected 200000)", kept: 10_000,
      requests: 10),
    Case(
      name: "stalled", answers: [Answers.stalled(content, after: 0)],
      problem: "nothing came for 0.5 seconds (found 0 bytes, expected 200000)"),
    Case(
      name: "stalled again",
      answers: [Answers.stalled(content, after: 50_000), Answers.stalled(content, after: 0)],
      problem: "nothing came for 0.5 seconds (found 50000 bytes, expected 200000)", kept: 50_000,
      requests: 2),
    Case(
      name: "another part",
      answers: [
        Answers.cutShort(content, after: 50_000),
        Answers.custom(206, [("Content-Range", "bytes 40000-199999/200000")], content),
      ],
      problem: "sends another part of the file (found bytes 40000-199999/200000, "
        + "expected bytes 50000-…)",
      kept: 50_000, requests: 2),
    Case(
      name: "no part",
      answers: [Answers.cutShort(content, after: 50_000), Answers.custom(206, [], content)],
      problem: "sends another part of the file (found no range, expected bytes 50000-…)",
      kept: 50_000, requests: 2),
    Case(
      name: "a part of another file",
      answers: [Answers.cutShort(content, after: 50_000), Answers.file(content + [0])],
      problem: "another file (found 200001 bytes, expected 200000)", kept: 50_000, requests: 2),
    Case(
      name: "loop", answers: [Answers.redirection(to: "/data.bin")],
      problem: "redirected more than 5 times", requests: 6),
    Case(
      name: "to http elsewhere", answers: [Answers.redirection(to: "http://192.0.2.1/data.bin")],
      problem: "redirected to an address that is not secure (found “http://192.0.2.1/data.bin”, "
        + "expected https://…)"),
    Case(
      name: "to another protocol", answers: [Answers.redirection(to: "ftp://127.0.0.1/data.bin")],
      problem: "redirected to an address that is not secure (found “ftp://127.0.0.1/data.bin”, "
        + "expected https://…)"),
    Case(
      name: "to a file", answers: [Answers.redirection(to: "file:///etc/passwd")],
      problem: "redirected to an address that is not secure (found “file:///etc/passwd”, "
        + "expected https://…)"),
  ]

  private static let page = Array(
    ("<!doctype html>" + String(repeating: " ", count: 199_985)).utf8)

  @Test(arguments: cases)
  private func oneLine(of problem: Case) throws {
    let scene = Scene()
    if problem.name.hasPrefix("stalled") { scene.downloader.limits.stallSeconds = 0.5 }
    if !problem.knowsSize { scene.downloader.limits.largestFile = 300_000 }
    answer(scene.server, problem.answers)
    let error = scene.error(fetching: Scene.file(knowsSize: problem.knowsSize))
    let advice =
      problem.kept > 0
      ? "Try again later, which goes on from the \(problem.kept) bytes in"
      : "Try again later, or put the file into"
    #expect(
      error?.description
        == "data.bin: cannot be downloaded (\(scene.server.address(of: "data.bin")): "
        + "\(problem.problem)). \(advice) \(scene.folder).")
    #expect(scene.server.requests.count == problem.requests)
    #expect(scene.names == (problem.kept > 0 ? ["data.bin.part"] : []))
    if problem.kept > 0 {
      #expect(scene.bytes("data.bin.part") == Array(Self.content.prefix(problem.kept)))
    }
  }

  private func answer(_ server: LocalServer, _ answers: [LocalServer.Answer]) {
    server.answer("data.bin", answers)
  }

  @Test func aClosedPortIsUnreachable() {
    let scene = Scene()
    let address = Self.closedPort + "data.bin"
    scene.downloader.mirror = Self.closedPort
    #expect(
      scene.error()?.description
        == "data.bin: cannot be downloaded (\(address): no connection). Is this computer offline? "
        + "Try again later, or put the file into \(scene.folder).")
  }

  @Test func aSilentServerTimesOut() {
    let scene = Scene()
    scene.downloader.limits.answerSeconds = 0.5
    scene.server.answer("data.bin", Answers.silent())
    let start = ContinuousClock.now
    #expect(
      scene.error()?.description
        == "data.bin: cannot be downloaded (\(scene.server.address(of: "data.bin")): "
        + "no answer within 0.5 seconds). Is this computer offline? "
        + "Try again later, or put the file into \(scene.folder).")
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func anAnswerThatIsNotHTTPIsRefused() {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.nonsense())
    guard case .noMirror(_, _, let refusals, kept: 0)? = scene.error(),
      case .unreachable? = refusals.first?.problem
    else {
      Issue.record("fetched from a server that does not speak HTTP")
      return
    }
  }

  /// A redirection without a location.
  @Test func aRedirectionWithoutALocationIsRefused() {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.status(302))
    guard case .noMirror(_, _, let refusals, kept: 0)? = scene.error() else {
      Issue.record("fetched from nowhere")
      return
    }
    if case .unreachable? = refusals.first?.problem { Issue.record("the mirror has answered") }
    #expect(scene.server.requests.count == 1)
  }

  /// A certificate that no authority signed, or no TLS at all.
  @Test func anInvalidCertificateIsRefused() {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.file(Scene.content))
    scene.downloader.mirror = "https://127.0.0.1:\(scene.server.port)/"
    guard case .noMirror(_, _, let refusals, kept: 0)? = scene.error(),
      case .unreachable? = refusals.first?.problem
    else {
      Issue.record("fetched by https from a server that does not speak it")
      return
    }
    #expect(scene.server.requests.isEmpty)
  }

  /// Published mirrors must use https, even on this computer.
  @Test func httpIsForTheMirrorAskedFor() {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.file(Scene.content))
    scene.downloader.mirror = nil
    let address = scene.server.address(of: "data.bin")
    let error = scene.error(fetching: Scene.file(urls: [address]))
    #expect(
      error
        == .noMirror(
          file: "data.bin", folder: scene.folder,
          [.init(address: address, problem: .address(address))], kept: 0))
    #expect(scene.server.requests.isEmpty)
  }

  @Test(arguments: [
    "http://example.com/", "ftp://127.0.0.1/", "file:///tmp/", "127.0.0.1", "", "https://",
    "http://127.0.0.1@example.com/", "https://user@example.com/", "http://127.0.0.1.example.com/",
    "http://127.0.0.1 /", "http://0x7f000001/",
  ])
  func mirrorThatIsNoSecureAddress(text: String) {
    let scene = Scene()
    scene.downloader.mirror = text
    #expect(
      scene.error()?.description
        == "--mirror: not a secure address (found “\(text)”, expected https://… or a server on this "
        + "computer). Give another one.")
    #expect(scene.names.isEmpty)
  }

  /// A port of this computer without a server.
  private static let closedPort: String = {
    let server = LocalServer()
    server.stop()
    usleep(100_000)
    return server.folder
  }()
}
