import Datasets
import Foundation
import LocalServer
import Testing

@testable import Downloads

/// The downloaded file is right after any behavior of servers.
@Suite struct DownloaderTests {
  private static let content = Scene.content

  /// Expects that the file is complete and that there are no other files.
  private func expectWhole(_ scene: Scene, _ location: SourceLocation = #_sourceLocation) {
    #expect(scene.names == ["data.bin"], sourceLocation: location)
    #expect(scene.bytes("data.bin") == Self.content, sourceLocation: location)
  }

  @Test(arguments: [true, false])
  func downloadsInOneTransfer(knowsSize: Bool) throws {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.file(Self.content))
    var shown: [Int] = []
    scene.onProgress = { shown.append($0) }
    #expect(try scene.downloader.fetch([Scene.file(knowsSize: knowsSize)], into: scene.folder))
    expectWhole(scene)
    #expect(shown.last == 200_000 && shown == shown.sorted())
    let address = scene.server.address(of: "data.bin")
    #expect(
      scene.events == [
        .starting(
          file: "data.bin", address: address, done: 0, total: knowsSize ? 200_000 : nil),
        .finished(file: "data.bin"),
      ])
    let request = try #require(scene.server.requests.first)
    #expect(request.headers["accept-encoding"] == "identity")
    #expect(request.headers["range"] == nil && request.headers["if-range"] == nil)

    #expect(try !scene.downloader.fetch([Scene.file(knowsSize: knowsSize)], into: scene.folder))
    #expect(scene.server.requests.count == 1)
  }

  /// An empty body after a complete download, and a body without a length.
  @Test func downloadsWithoutALength() throws {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.unannounced(Self.content))
    #expect(scene.error() == nil)
    expectWhole(scene)
  }

  @Test func oneMirrorThatFailsInEveryWayAndThenWorks() throws {
    let scene = Scene()
    scene.downloader.limits.stallSeconds = 0.5
    scene.server.answer(
      "data.bin", Answers.cutShort(Self.content, after: 30_000, tag: "\"one\""),
      Answers.broken(Self.content, after: 20_000, tag: "\"one\""),
      Answers.stalled(Self.content, after: 10_000, tag: "\"one\""),
      Answers.redirection(to: "elsewhere.bin"))
    scene.server.answer("elsewhere.bin", Answers.file(Self.content, tag: "\"one\""))
    #expect(scene.error() == nil)
    expectWhole(scene)
    #expect(scene.offsets == [0, 30_000, 50_000, 60_000, 60_000])
    #expect(
      scene.server.requests.map { $0.headers["if-range"] }
        == [nil, "\"one\"", "\"one\"", "\"one\"", "\"one\""])
  }

  @Test func mirrorsAreTriedInOrder() throws {
    let scene = Scene()
    scene.server.answer("a", Answers.cutShort(Self.content, after: 40_000), Answers.status(500))
    scene.server.answer("b", Answers.page())
    scene.server.answer("c", Answers.file(Scene.wrong))
    scene.server.answer("d", Answers.file(Self.content))
    scene.server.answer("e", Answers.file(Self.content))
    var refused: [String] = []
    let report = scene.downloader.report
    scene.downloader.report = {
      if case .refused(_, let address, _) = $0 { refused.append(address) }
      report($0)
    }
    try FileManager.default.createDirectory(
      atPath: scene.folder, withIntermediateDirectories: true)
    let addresses = ["a", "b", "c", "d", "e"].map(scene.server.address)
    let content = try scene.downloader.fetch(Scene.file(), at: addresses, into: scene.folder)
    #expect(content == Self.content)
    expectWhole(scene)
    #expect(scene.server.requests.map(\.path) == ["/a", "/a", "/b", "/c", "/c", "/d"])
    // The bytes of c were first combined with those of a, and were also wrong alone.
    #expect(scene.offsets == [0, 40_000, 40_000, 40_000, 0, 0])
    #expect(refused == [0, 0, 1, 2, 2].map { addresses[$0] })
  }

  @Test func serverThatKnowsNoRangesStartsAgain() throws {
    let scene = Scene()
    scene.server.answer(
      "data.bin", Answers.cutShort(Self.content, after: 30_000),
      Answers.file(Self.content, knowsRanges: false))
    #expect(scene.error() == nil)
    expectWhole(scene)
    #expect(scene.offsets == [0, 30_000])
    // The server's tag is weak, so it does not guarantee that every byte is equal.
    #expect(scene.server.requests.map { $0.headers["if-range"] } == [nil, nil])
  }

  @Test func fileThatChangedMeanwhileStartsAgain() throws {
    let scene = Scene()
    scene.server.answer(
      "data.bin", Answers.cutShort(Scene.wrong, after: 30_000, tag: "\"one\""),
      Answers.file(Self.content, tag: "\"two\""))
    #expect(scene.error() == nil)
    expectWhole(scene)
    #expect(scene.server.requests.map { $0.headers["if-range"] } == [nil, "\"one\""])
  }

  @Test func goesOnFromAPartFile() throws {
    let scene = Scene()
    try scene.write(Array(Self.content.prefix(123_456)), "data.bin.part")
    scene.server.answer("data.bin", Answers.file(Self.content))
    #expect(scene.error() == nil)
    expectWhole(scene)
    #expect(scene.offsets == [123_456])
  }

  /// Already complete, too long, wrong at the start, and wrong at the full length.
  @Test(arguments: [
    (content, []), (content + [0], [0]), (Array(Scene.wrong.prefix(1000)), [1000, 0]),
    (Scene.wrong, [0]),
  ])
  func partFilesOfAllKinds(part: [UInt8], offsets: [Int]) throws {
    let scene = Scene()
    try scene.write(part, "data.bin.part")
    scene.server.answer("data.bin", Answers.file(Self.content))
    #expect(scene.error() == nil)
    expectWhole(scene)
    #expect(scene.offsets == offsets)
  }

  /// The size of the file is unknown, and the server answers that there are no more bytes.
  @Test(arguments: [content, Scene.wrong + [0]])
  func aPartFileOfUnknownSizeIsCompleted(part: [UInt8]) throws {
    let scene = Scene()
    try scene.write(part, "data.bin.part")
    scene.server.answer("data.bin", Answers.file(Self.content))
    #expect(scene.error(fetching: Scene.file(knowsSize: false)) == nil)
    expectWhole(scene)
    #expect(scene.offsets == [part.count, 0])
  }

  @Test func anInterruptedDownloadKeepsItsBytes() throws {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.slow(Self.content, piece: 10_000))
    var isInterrupted = false
    scene.onProgress = { if $0 >= 50_000 { isInterrupted = true } }
    scene.downloader.isInterrupted = { isInterrupted }
    let error = scene.error()
    let kept = try #require(scene.bytes("data.bin.part")?.count)
    #expect(kept >= 50_000 && kept < 200_000)
    #expect(
      error?.description
        == "data.bin: stopped after \(kept) of 200000 bytes, which \(scene.folder) keeps. "
        + "The same command goes on from there.")
    isInterrupted = false
    scene.onProgress = { _ in }
    scene.server.answer("data.bin", Answers.file(Self.content))
    #expect(scene.error() == nil)
    expectWhole(scene)
    #expect(scene.offsets == [0, kept])
  }

  @Test(arguments: ["silent", "stalled", "between tries"])
  func interruptionIsHeardWhileNothingComes(when: String) {
    let scene = Scene()
    scene.downloader.limits.pauseSeconds = 60
    scene.downloader.limits.answerSeconds = 60
    scene.downloader.limits.stallSeconds = 60
    switch when {
    case "silent": scene.server.answer("data.bin", Answers.silent())
    case "stalled": scene.server.answer("data.bin", Answers.stalled(Self.content, after: 0))
    default: scene.server.answer("data.bin", Answers.cutShort(Self.content, after: 9))
    }
    let start = ContinuousClock.now
    scene.downloader.isInterrupted = { ContinuousClock.now - start > .seconds(0.5) }
    let kept = when == "between tries" ? 9 : 0
    #expect(
      scene.error()
        == .interrupted(file: "data.bin", folder: scene.folder, kept: kept, expected: 200_000))
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(scene.names == (kept > 0 ? ["data.bin.part"] : []))
  }

  @Test func interruptedBeforeAnythingCame() {
    let error = DownloadError.interrupted(
      file: "data.bin", folder: "set", kept: 0, expected: 200_000)
    #expect(
      error.description
        == "data.bin: stopped before anything was downloaded. The same command starts again.")
  }

  /// A file that exists, gzipped or plain, is not downloaded.
  @Test(arguments: ["digits.gz", "digits"])
  func presentFilesAreNotDownloaded(name: String) throws {
    let scene = Scene()
    try scene.write([1, 2, 3], name)
    #expect(scene.error(fetching: Scene.file(name: "digits.gz")) == nil)
    #expect(scene.server.requests.isEmpty)
    #expect(scene.names == [name])
  }

  @Test func nothingButAFileTakesThePartFilesPlace() throws {
    let scene = Scene()
    try FileManager.default.createDirectory(
      atPath: scene.folder, withIntermediateDirectories: true)
    let part = "\(scene.folder)/data.bin.part"
    #expect(mkfifo(part, 0o666) == 0)
    scene.server.answer("data.bin", Answers.file(Self.content))
    guard case .output? = scene.error() else {
      Issue.record("wrote into a named pipe")
      return
    }
    #expect(unlink(part) == 0)
    let target = "\(scene.folder)/precious"
    try scene.write([1], "precious")
    try FileManager.default.createSymbolicLink(atPath: part, withDestinationPath: target)
    guard case .output? = scene.error() else {
      Issue.record("wrote through a link")
      return
    }
    #expect(scene.bytes("precious") == [1])
  }

  @Test func twoProcessesDownloadOnce() throws {
    let first = Scene()
    nonisolated(unsafe) let second = Scene()
    second.downloader.mirror = first.server.folder
    first.server.answer("data.bin", Answers.slow(Self.content, piece: 10_000))
    let folder = first.folder
    // A lock on one descriptor excludes another descriptor, even in the same process.
    let done = DispatchSemaphore(value: 0)
    let server = first.server
    let thread = Thread {
      while server.requests.isEmpty { usleep(1000) }
      _ = try? second.downloader.fetch([Scene.file()], into: folder)
      done.signal()
    }
    thread.start()
    #expect(first.error() == nil)
    #expect(done.wait(timeout: .now() + 60) == .success)
    expectWhole(first)
    #expect(first.server.requests.count == 1)
    #expect(second.events == [.waiting(folder: folder, process: Int(getpid()))])
  }

  /// Sessions, threads and descriptors are released.
  @Test func nothingIsLeftOpen() throws {
    let scene = Scene()
    scene.server.answer("data.bin", Answers.cutShort(Self.content, after: 100))
    scene.downloader.limits.attempts = 2
    #expect(scene.error() != nil)
    let before = openDescriptors()
    for _ in 0..<50 { #expect(scene.error() != nil) }
    // The last sessions may still be closing.
    let end = ContinuousClock.now + .seconds(20)
    while openDescriptors() > before + 10, ContinuousClock.now < end { usleep(10_000) }
    #expect(openDescriptors() <= before + 10)
  }

  private func openDescriptors() -> Int {
    (0..<1024).filter { fcntl($0, F_GETFD) >= 0 }.count
  }
}
