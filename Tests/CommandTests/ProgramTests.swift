import Foundation
import Testing

@testable import Commands

/// The program with all commands, and the programs with one command each.
@Suite struct ProgramTests {
  @Test func lectureCNNHasEveryCommand() throws {
    let scratch = try Scratch()
    let help = try Program.run("lecture-cnn", ["--help"], in: scratch)
    #expect(help.status == 0)
    for name in Launcher.names {
      #expect(help.output.contains("\n  \(name) "), "\(name)")
      let own = try Program.run("lecture-cnn", [name, "--help"], in: scratch)
      #expect(own.status == 0 && own.output.contains("USAGE: lecture-cnn \(name)"))
      #expect(own.output.contains("Examples:\n  lecture-cnn \(name)"), "\(own.output)")
      let alone = try Program.run(name, ["--help"], in: scratch)
      #expect(alone.status == 0 && alone.output.contains("Examples:\n  swift run \(name)"))
    }
  }

  @Test func messagesNameTheProgramThatWasCalled() throws {
    let scratch = try Scratch()
    let installed = try Program.run("lecture-cnn", ["train", "--foo"], in: scratch)
    #expect(installed.status == 2)
    #expect(installed.errors.hasSuffix("See `lecture-cnn train --help`.\n"))
    let alone = try Program.run("train", ["--foo"], in: scratch)
    #expect(alone.status == 2)
    #expect(alone.errors.hasSuffix("See `swift run train --help`.\n"))
    #expect(
      ProgramName.adapt("Run `swift run datasets download mnist`.", isInstalled: true)
        == "Run `lecture-cnn datasets download mnist`.")
  }

  @Test func lectureCNNTrainsAsTrainDoes() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let one = try Program.run("train", tinyRun("one", "--max-steps", "3"), in: scratch)
    let other = try Program.run(
      "lecture-cnn", ["train"] + tinyRun("other", "--max-steps", "3"), in: scratch)
    #expect(one.status == 0 && other.status == 0, "\(other.errors)")
    #expect(other.output.hasSuffix("`lecture-cnn evaluate other`\n"))
    #expect(try scratch.bytes("one/metrics.jsonl") == scratch.bytes("other/metrics.jsonl"))
  }

  /// Programs start fast and can be copied, because they do not link libcurl and Foundation.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ldd")))
  func programsLinkAFewLibraries() throws {
    let scratch = try Scratch()
    for name in ["lecture-cnn"] + Launcher.names {
      let outcome = try Program.run(name, [], shell: "ldd \"$1\"", in: scratch)
      let libraries = outcome.output.split(separator: "\n")
      #expect(outcome.status == 0 && !libraries.isEmpty)
      #expect(libraries.count <= 15, "\(name): \(outcome.output)")
      #expect(!outcome.output.contains("libcurl") && !outcome.output.contains("Foundation"))
    }
  }
}
