import Foundation
import Testing

/// Training on your own images: files that cannot be read, and transparent images.
@Suite struct OwnImagesTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.makeDigits("idx", training: 40, test: 10)
    let export = try Program.run(
      "datasets", ["export", "mnist", "--data-dir", "idx", "--output", "mine"], in: scratch)
    try #require(export.status == 0, "\(export.errors)")
  }

  private func train(_ run: String, _ more: String...) throws -> Program.Outcome {
    try Program.run(
      "train",
      [
        "--dataset", "folder", "--data-dir", "mine", "--image-size", "12", "--arch", "fc(classes)",
        "--batch-size", "8", "--max-steps", "3", "--run-dir", run, "--progress", "none",
        "--filters-every", "0", "--val-split", "5", "--threads", "1",
      ] + more, in: scratch)
  }

  private func checkpoint(_ run: String) throws -> [UInt8] {
    try scratch.bytes("\(run)/checkpoints/step-0000000003.safetensors")
  }

  /// A fixture of the tests of image reading.
  private func fixture(_ name: String) throws -> [UInt8] {
    let path = Program.packageFolder.appending(path: "Tests/DatasetsTests/Fixtures/images.json")
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [[String: Any]])
    let file = try #require(list.first { $0["name"] as? String == name }?["file"] as? String)
    return [UInt8](try #require(Data(base64Encoded: file)))
  }

  @Test func unreadableFilesAreListedOrLeftOut() throws {
    #expect(try train("whole").status == 0)
    try scratch.write(Array("<html>".utf8), "mine/train/3/page.jpg")
    try scratch.write([0xFF, 0xD8, 0xFF, 0xC0], "mine/train/5/cut.jpg")
    try scratch.write([1], "mine/test/7/notes.txt")
    let refused = try train("refused")
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(
      refused.errorLines.map { $0.prefix(45) } == [
        "error: mine/test/7/notes.txt: its name does n",
        "error: mine/train/3/page.jpg: not an image th",
        "error: mine/train/5/cut.jpg: damaged JPEG dat",
        "error: mine: 3 of 53 files cannot be read. Co",
      ])
    #expect(!scratch.exists("refused"))

    let skipped = try train("skipped", "--skip-unreadable")
    #expect(skipped.status == 0, "\(skipped.errors)")
    #expect(
      skipped.errors.contains(
        "warning: mine: left out 3 of 53 files, which cannot be read (test/7/notes.txt, "
          + "train/3/page.jpg and train/5/cut.jpg).\n"))
    #expect(!skipped.errors.contains("changes nothing"))
    #expect(try checkpoint("skipped") == checkpoint("whole"))

    // The commands that read the run's folder leave out what the run left out.
    let left = "warning: mine: left out 3 of 53 files, which cannot be read"
    for arguments in [
      ["evaluate", "skipped"], ["evaluate", "skipped", "--skip-unreadable", "--no-report"],
      ["compare", "skipped", "skipped", "--page", "own.html"], ["visualize", "skipped", "worst"],
      ["predict", "skipped", "mine/test/7", "--threshold", "auto"],
    ] {
      let outcome = try Program.run(
        arguments[0], Array(arguments.dropFirst()), in: scratch)
      #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains(left), "\(arguments): \(outcome.errors)")
    }
    // A run that read all files refuses those that came later, unless it is told otherwise.
    for arguments in [
      ["evaluate", "whole"], ["visualize", "whole", "worst"],
      ["compare", "whole", "whole", "--page", "other.html"],
      ["predict", "whole", "mine/test/7", "--threshold", "auto"],
    ] {
      let name = arguments[0]
      let refused = try Program.run(name, Array(arguments.dropFirst()), in: scratch)
      #expect(
        refused.status == 1 && refused.errors.contains("3 of 53 files cannot be read"), "\(name)")
      let skipping = try Program.run(
        name, Array(arguments.dropFirst()) + ["--skip-unreadable"], in: scratch)
      #expect(skipping.status == 0 && skipping.errors.contains(left), "\(name): \(skipping.errors)")
    }
    // A resumed run keeps the setting.
    let resumed = try Program.run(
      "train", ["--resume", "skipped", "--max-steps", "5", "--progress", "none"], in: scratch)
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test func flagsWithoutEffectAreTold() throws {
    let outcome = try train("run", "--skip-unreadable", "--background", "black")
    #expect(outcome.status == 0, "\(outcome.errors)")
    for line in [
      "--skip-unreadable changes nothing in this run: every file can be read.",
      "--background changes nothing in this run: no image has transparent pixels.",
    ] { #expect(outcome.errors.contains("warning: \(line)\n"), "\(outcome.errors)") }
    let shown = try Program.run(
      "datasets",
      ["show", "folder", "--data-dir", "mine", "--background", "0", "--skip-unreadable"],
      in: scratch)
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.errors.contains("--background changes nothing: no image has transparent pixels."))
    #expect(shown.errors.contains("--skip-unreadable changes nothing: every file can be read."))
  }

  @Test func skippingIsToldWhereItChangesNothing() throws {
    #expect(try train("run").status == 0)
    func errors(_ arguments: String...) throws -> String {
      let outcome = try Program.run(arguments[0], Array(arguments.dropFirst()), in: scratch)
      return outcome.errors
    }
    let idle = "warning: --skip-unreadable changes nothing: every file can be read.\n"
    #expect(try errors("compare", "run", "run", "--skip-unreadable").contains(idle))
    #expect(try errors("visualize", "run", "worst", "--skip-unreadable").contains(idle))
    #expect(
      try errors("visualize", "run", "filters", "--skip-unreadable").hasPrefix(
        "error: --skip-unreadable: no data set is read. Leave --skip-unreadable out."))
    #expect(
      try errors("predict", "run", "mine/test", "--skip-unreadable")
        == "warning: --skip-unreadable changes nothing: every image can be read.\n")
  }

  @Test func theBackgroundChangesResults() throws {
    for (number, name) in ["rgb-alpha-8", "gray-alpha-8", "palette-transparent"].enumerated() {
      try scratch.write(try fixture(name), "mine/train/\(number)/clear.png")
    }
    try scratch.write(try fixture("jpeg-420-33x31"), "mine/train/1/photo.jpeg")
    #expect(try train("white").status == 0)
    let black = try train("black", "--background", "black")
    #expect(black.status == 0 && !black.errors.contains("changes nothing"), "\(black.errors)")
    #expect(try checkpoint("white") != checkpoint("black"))
    #expect(try scratch.text("black/config.yaml").contains("background: 0\n"))
    #expect(try !scratch.text("white/config.yaml").contains("background"))
    #expect(try train("gray", "--background", "pink").status == 2)
  }
}
