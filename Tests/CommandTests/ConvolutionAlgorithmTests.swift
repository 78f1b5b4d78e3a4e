import Foundation
import Testing

/// `--conv-algorithm` on the command line.
@Suite struct ConvolutionAlgorithmTests {
  /// Winograd's method fits only conv2.
  private func run(_ name: String, _ more: String...) -> [String] {
    [
      "--data-dir", "digits", "--run-dir", name, "--arch",
      "conv(16,3,stride=2) relu conv(48,3) pool(2) relu fc(classes)", "--batch-size", "8",
      "--val-split", "10", "--epochs", "1", "--progress", "none", "--filters-every", "0",
    ] + more
  }

  private func train(_ scratch: Scratch, _ arguments: [String]) throws {
    let outcome = try Program.run("train", arguments, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// The metrics only, because checkpoints also record the setting.
  private func metrics(_ scratch: Scratch, _ run: String) throws -> [UInt8] {
    try scratch.bytes("\(run)/metrics.jsonl")
  }

  @Test func theAlgorithmChangesBitsAndIsRecorded() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let choice = "conv1=circulant,conv2=im2row"
    try train(scratch, run("auto"))
    try train(scratch, run("same", "--conv-algorithm", "conv2=winograd,conv1=direct"))
    try train(scratch, run("rows", "--conv-algorithm", choice, "--threads", "1"))
    #expect(try metrics(scratch, "same") == metrics(scratch, "auto"))
    #expect(try metrics(scratch, "rows") != metrics(scratch, "auto"))

    #expect(try scratch.text("auto/config.yaml").contains("\nconv-algorithm: auto\n"))
    #expect(try scratch.text("rows/config.yaml").contains("\nconv-algorithm: \"\(choice)\"\n"))
    try train(
      scratch,
      ["--recipe", "rows/config.yaml", "--run-dir", "repeated", "--threads", "3"])
    #expect(try metrics(scratch, "repeated") == metrics(scratch, "rows"))

    // Stopped after three of seven steps, and resumed with another number of threads.
    try train(
      scratch, run("stopped", "--conv-algorithm", choice, "--threads", "3", "--max-steps", "3"))
    try train(
      scratch,
      ["--resume", "stopped", "--threads", "1", "--max-steps", "1000", "--progress", "none"])
    let last = "checkpoints/step-0000000007.safetensors"
    #expect(try scratch.bytes("stopped/\(last)") == scratch.bytes("rows/\(last)"))
  }

  @Test func aResumedRunKeepsTheAlgorithm() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    try train(scratch, run("rows", "--conv-algorithm", "im2row", "--max-steps", "3"))
    try Program.run("train", ["--resume", "rows", "--conv-algorithm", "direct"], in: scratch)
      .expectFailure(
        2,
        "rows: the run cannot go on with other settings: "
          + "--conv-algorithm was im2row and is now direct. …")
    // The same choice in another notation.
    try train(
      scratch,
      ["--resume", "rows", "--conv-algorithm", "im2row", "--max-steps", "4", "--progress", "none"])
  }

  /// By default `evaluate` computes with the algorithms of the training, to the bit.
  @Test func evaluateUsesTheAlgorithmsOfTheTraining() throws {
    let scratch = try Scratch()
    try scratch.makeDigits(test: 40)
    try train(scratch, run("run", "--conv-algorithm", "direct"))
    let test = try scratch.text("run/metrics.jsonl").split(separator: "\n").last {
      $0.contains("\"kind\":\"test\"")
    }
    let loss = try #require(test).split(separator: ",").first { $0.hasPrefix("\"loss\":") }
    func evaluate(_ more: String...) throws -> String {
      let outcome = try Program.run(
        "evaluate", ["run", "--data-dir", "digits", "--json"] + more, in: scratch)
      try #require(outcome.status == 0, "\(outcome.errors)")
      return outcome.output.filter { !$0.isWhitespace }
    }
    let expected = String(try #require(loss))
    #expect(try evaluate().contains(expected))
    #expect(try evaluate("--conv-algorithm", "im2row").contains(expected))
    #expect(!(try evaluate("--conv-algorithm", "auto").contains(expected)))
    #expect(!(try evaluate("--conv-algorithm", "conv2=winograd").contains(expected)))

    try Program.run("evaluate", ["run", "--conv-algorithm", "depthwise"], in: scratch)
      .expectFailure(
        2,
        "--conv-algorithm: depthwise does not compute conv1, 1 to 16 channels, kernel 3×3, "
          + "stride 2×2, over 28×28 (expected convolutions whose groups have one input or one output each; …"
      )
  }

  @Test func everyMistakeIsOneLine() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let forms =
      "expected auto, winograd, winograd-rows, narrow, direct, im2row, circulant, depthwise, "
      + "or some by layer such as conv1=direct,conv2=winograd"
    for (text, message) in [
      ("", "--conv-algorithm: there is no algorithm “” (\(forms))."),
      ("winograd,direct", "--conv-algorithm: there is no algorithm “winograd,direct” (\(forms))."),
      ("conv1=fft", "--conv-algorithm: there is no algorithm “fft” (\(forms))."),
      ("conv1=direct,", "--conv-algorithm: “” is no choice for a layer (\(forms))."),
      (
        "conv1=direct,conv1=auto",
        "--conv-algorithm: conv1 stands twice (expected each layer once)."
      ),
      (
        "fc1=direct",
        "--conv-algorithm: there is no convolution “fc1” (expected some of conv1, conv2)."
      ),
      (
        "depthwise",
        "--conv-algorithm: depthwise does not compute conv1, 1 to 16 channels, kernel 3×3, …"
      ),
    ] {
      try Program.run("train", run("run", "--conv-algorithm", text), in: scratch)
        .expectFailure(2, message)
      #expect(!scratch.exists("run"), "\(text)")
    }
    try scratch.write(Array("conv-algorithm: fft\n".utf8), "recipe.yaml")
    try Program.run("train", run("run", "--recipe", "recipe.yaml"), in: scratch)
      .expectFailure(2, "--conv-algorithm: there is no algorithm “fft” (\(forms)).")
  }
}
