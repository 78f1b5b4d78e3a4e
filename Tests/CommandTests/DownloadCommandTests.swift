import Foundation
import LocalServer
import Testing

@testable import Commands
@testable import Datasets
@testable import Files

/// Downloads on the command line: messages, remaining files, and resuming.
@Suite struct DownloadCommandTests {
  private static let first = "train-images-idx3-ubyte.gz"
  /// The length of MNIST's first file, but other bytes.
  private static let wrong = [UInt8](repeating: 7, count: 9_912_422)

  private let scratch: Scratch
  private let server = LocalServer()
  private let folder: String

  init() throws {
    scratch = try Scratch()
    folder = scratch.path("cache/lecture-cnn/mnist")
  }

  private func start(
    _ name: String, _ arguments: [String], as number: Int = 1
  ) throws -> Process {
    let process = Program.process(name, arguments, in: scratch)
    for stream in ["out", "err"] {
      _ = FileManager.default.createFile(atPath: scratch.path("\(stream)\(number)"), contents: nil)
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: scratch.path("out\(number)"))
    process.standardError = FileHandle(forWritingAtPath: scratch.path("err\(number)"))
    try process.run()
    return process
  }

  /// Waits until the first file's part file has `count` bytes, for at most 20 seconds.
  private func waitForPart(_ count: Int) {
    let deadline = Date.now.addingTimeInterval(20)
    while size("\(folder)/\(Self.first).part") != count, Date.now < deadline { usleep(2_000) }
  }

  private func size(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
  }

  /// The remaining files, without the lock.
  private var kept: [String] { scratch.names("cache/lecture-cnn/mnist").filter { $0 != ".lock" } }

  @Test func oneLineWhereNoMirrorHasIt() throws {
    let outcome = try Program.run(
      "datasets", ["download", "mnist", "--mirror", server.folder, "--progress", "none"],
      in: scratch)
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(
      outcome.errors
        == "error: \(Self.first): cannot be downloaded (\(server.folder)\(Self.first): "
        + "answered 404 (not found)). Try again later, or put the file into \(folder).\n")
    #expect(server.requests.count == 1)
    #expect(kept.isEmpty)
  }

  @Test func plainLinesTellWhatHappens() throws {
    server.answer(Self.first, Answers.file(Self.wrong))
    let outcome = try Program.run(
      "datasets", ["download", "mnist", "--mirror", server.folder, "--data-dir", "here"],
      in: scratch)
    #expect(outcome.status == 1)
    let lines = outcome.errors.split(separator: "\n").map(String.init)
    #expect(lines[0] == "downloading \(Self.first) (9.5 MiB) from \(server.folder)\(Self.first)")
    #expect(lines.contains { $0.hasPrefix("\(Self.first)  100%  9.5 MiB of 9.5 MiB  ") })
    #expect(lines.last?.hasPrefix("error: \(Self.first): cannot be downloaded (") == true)
    #expect(lines.count < 20)
    #expect(scratch.names("here/mnist") == [".lock"])
  }

  /// A killed process leaves the bytes so far, and the next one requests the rest.
  @Test func aKilledDownloadIsResumed() throws {
    server.answer(Self.first, Answers.stalled(Self.wrong, after: 100_000), Answers.status(503))
    let arguments = ["download", "mnist", "--mirror", server.folder, "--progress", "none"]
    let process = try start("datasets", arguments)
    waitForPart(100_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(kept == ["\(Self.first).part"])

    let outcome = try Program.run("datasets", arguments, in: scratch)
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "error: \(Self.first): cannot be downloaded (\(server.folder)\(Self.first): "
        + "answered 503 (a fault of the server)). Try again later, which goes on from the 100000 "
        + "bytes in \(folder).\n")
    #expect(server.requests.map(\.offset) == [0, 100_000])
  }

  @Test(arguments: [
    ("datasets", ["download", "mnist"], SIGINT), ("datasets", ["download", "mnist"], SIGTERM),
    ("train", ["--dataset", "mnist", "--run-dir", "run"], SIGINT),
    ("train", ["--run-dir", "run"], SIGTERM),
  ])
  func anInterruptedDownloadIsResumed(command: String, arguments: [String], signal: Int32) throws {
    server.answer(Self.first, Answers.stalled(Self.wrong, after: 100_000))
    let process = try start(
      command, arguments + ["--mirror", server.folder, "--progress", "none"])
    waitForPart(100_000)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 128 + signal)
    #expect(
      try scratch.text("err1")
        == "error: \(Self.first): stopped after 100000 of 9912422 bytes, which \(folder) keeps. "
        + "The same command goes on from there.\n")
    #expect(kept == ["\(Self.first).part"])
    #expect(!scratch.exists("run"))
  }

  @Test func offlineIsToldAtOnce() throws {
    let start = ContinuousClock.now
    let outcome = try Program.run(
      "train", ["--dataset", "kmnist", "--run-dir", "run", "--progress", "none"], in: scratch)
    #expect(outcome.status == 1)
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(
      outcome.errors.hasPrefix("error: \(Self.first): cannot be downloaded (https://"),
      "\(outcome.errors)")
    #expect(
      outcome.errors.hasSuffix(
        "Is this computer offline? Try again later, or put the file into "
          + "\(scratch.path("cache/lecture-cnn/kmnist")).\n"), "\(outcome.errors)")
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(!scratch.exists("run"))
  }

  /// The proxy receives all requests to other computers: there must be none.
  @Test func noDownloadUsesNoNetwork() throws {
    let arguments = ["--dataset", "kmnist", "--run-dir", "run", "--progress", "none"]
    let quiet = try Program.run(
      "train", arguments + ["--no-download"], proxy: server.folder, in: scratch)
    #expect(quiet.status == 1)
    #expect(quiet.errors.hasPrefix("error: kmnist: the data set is not on this computer"))
    #expect(quiet.errors.contains("run `swift run datasets download kmnist`"))
    #expect(server.connections == 0)
    _ = try Program.run("train", arguments, proxy: server.folder, in: scratch)
    #expect(server.connections > 0)
  }

  /// A folder that is the only one to search causes no download either.
  @Test func dataDirUsesNoNetwork() throws {
    try scratch.write([], "empty/nothing")
    let outcome = try Program.run(
      "train", ["--dataset", "kmnist", "--data-dir", "empty", "--mirror", server.folder],
      in: scratch)
    #expect(outcome.status == 1)
    #expect(server.connections == 0)
  }

  /// If the complete data set is unavailable, the sample is used for training and for later
  /// commands.
  @Test func theSampleReplacesAFailedDownload() throws {
    let few = ["--max-steps", "2", "--progress", "none", "--filters-every", "0"]
    let outcome = try Program.run(
      "train", ["--run-dir", "run", "--mirror", server.folder] + few, in: scratch)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.errors.split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.hasPrefix("warning: ") })
    #expect(lines.first?.contains("cannot be downloaded (") == true)
    #expect(outcome.errors.contains("not the whole of MNIST"))
    #expect(server.requests.count == 1)

    let resumed = try Program.run(
      "train", ["--resume", "run", "--max-steps", "3", "--mirror", server.folder], in: scratch)
    #expect(resumed.status == 0, "\(resumed.errors)")
    let evaluation = try Program.run(
      "evaluate", ["run", "--mirror", server.folder], in: scratch)
    #expect(evaluation.status == 0, "\(evaluation.errors)")
    #expect(server.requests.count == 1)
  }

  @Test(arguments: [
    (
      "datasets", ["download", "mnist", "--mirror", "http://example.com/"],
      "--mirror: not a secure address (found “http://example.com/”, expected https://… or a server "
        + "on this computer). Give another one."
    ),
    (
      "train", ["--dataset", "kmnist", "--mirror", "example.com"],
      "--mirror: not a secure address (found “example.com”, expected https://… or a server "
        + "on this computer). Give another one."
    ),
    (
      "train", ["--no-download", "--mirror", "https://example.com/"],
      "--no-download and --mirror exclude each other. See `swift run train --help`."
    ),
    (
      "datasets", ["download", "mnist", "--data-dir", ""],
      "--data-dir: invalid value (found “”, expected a path). See `swift run datasets --help`."
    ),
  ])
  func usageErrorsAreOneLine(command: String, arguments: [String], message: String) throws {
    let outcome = try Program.run(command, arguments, in: scratch)
    #expect(outcome.status == 2)
    #expect(outcome.errors == "error: \(message)\n")
  }

  @Test func anUnknownNameIsOneLine() throws {
    let outcome = try Program.run("datasets", ["download", "cifar11"], in: scratch)
    #expect(outcome.status == 2)
    #expect(outcome.errors.hasPrefix("error: cifar11: no such data set (expected "))
    #expect(outcome.errors.contains("Did you mean cifar10"))
  }

  /// The second process waits for the first one, and continues with its files.
  @Test func theSecondProcessWaitsForTheFirst() throws {
    server.answer(Self.first, Answers.stalled(Self.wrong, after: 100_000), Answers.status(503))
    let arguments = ["download", "mnist", "--mirror", server.folder]
    let one = try start("datasets", arguments, as: 1)
    waitForPart(100_000)
    let two = try start("datasets", arguments, as: 2)
    let waiting =
      "waiting for another process, \(one.processIdentifier), that downloads into \(folder)\n"
    let deadline = Date.now.addingTimeInterval(20)
    while try scratch.text("err2") != waiting, Date.now < deadline { usleep(2_000) }
    #expect(try scratch.text("err2") == waiting)
    #expect(server.requests.count == 1)
    kill(one.processIdentifier, SIGKILL)
    two.waitUntilExit()
    #expect(two.terminationStatus == 1)
    #expect(server.requests.map(\.offset) == [0, 100_000])
  }

  /// `train`, `evaluate` and `datasets download` on a data set with known content.
  @Test func filesGoToTheCacheFolder() throws {
    let content = [UInt8](repeating: 3, count: 10_000)
    let gzip = PublishedGzip(sha256: Hash.sha256(of: [content]), size: content.count)
    let entry = DatasetEntry(
      name: "toy", title: "Toy", classNames: ["a"], mean: [0.5], std: [0.5],
      files: Catalog.idxFiles(gzip: [gzip, gzip, gzip, gzip]),
      mirrors: ["https://nowhere.invalid/"])
    let names = entry.downloads.map(\.name)
    for name in names.dropFirst() { server.answer(name, Answers.file(content)) }
    server.answer(
      names[0], Answers.cutShort(content, after: 3000), Answers.redirection(to: "elsewhere"))
    server.answer("elsewhere", Answers.file(content))

    let search = DatasetSearch(cacheFolder: scratch.path("cache"))
    let downloads = DatasetDownloads(search: search, mirror: server.folder, progress: .none)
    #expect(!search.holds(entry))
    let first = try downloads.fetch(entry)
    #expect(first.wasFetched && first.folder == scratch.path("cache/toy"))
    #expect(search.holds(entry))
    #expect(scratch.names("cache/toy") == ([".lock"] + names).sorted())
    #expect(try scratch.bytes("cache/toy/\(names[0])") == content)
    #expect(try !downloads.fetch(entry).wasFetched)
    #expect(server.requests.map(\.offset) == [0, 3000, 3000, 0, 0, 0])
  }
}
