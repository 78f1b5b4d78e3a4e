import Checkpoints
import Files
import Testing

@Suite struct VisualizeTests {
  private func trained(
    _ more: [String] = [],
    network: String = "conv(4,3) bn relu pool(2) conv(5,3) relu fc(8) relu fc(classes)"
  ) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let arguments = tinyRun("run", network: network)
      .filter { $0 != "--filters-every" && $0 != "0" }
    let outcome = try Program.run("train", arguments + ["--epochs", "2"] + more, in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return scratch
  }

  private func draw(_ scratch: Scratch, _ arguments: String...) throws -> [String] {
    let outcome = try Program.run("visualize", ["run"] + arguments, in: scratch)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    #expect(outcome.errorLines.isEmpty, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  /// The gradient of an image passes through layers that are not trained, of each kind that has parameters.
  @Test func gradientsPassThroughLayersOfEveryKind() throws {
    let scratch = try trained(
      network: """
        conv(4,3) relu dwconv(3) gn(2) silu pool(2) convt(4,2,stride=2) bn conv(4,3,groups=2) \
        res(conv(4,1) gn(1)) globalavg fc(6) bn fc(classes)
        """)
    #expect(try draw(scratch, "saliency", "--index", "3").count == 2)
    #expect(try draw(scratch, "grad-cam", "--layer", "dwconv1").count == 2)
    #expect(try draw(scratch, "grad-cam", "--layer", "conv1").count == 2)
  }

  @Test func everyPictureIsWritten() throws {
    let scratch = try trained()
    #expect(
      try draw(scratch, "saliency", "--index", "3", "--class", "7") == [
        "run/visualize-saliency/test-3-7.png", "run/visualize-saliency/test-3-7.json",
      ])
    #expect(
      try draw(scratch, "grad-cam", "--class", "2") == [
        "run/visualize-grad-cam/test-0-2-conv2.png", "run/visualize-grad-cam/test-0-2-conv2.json",
      ])
    #expect(
      try draw(scratch, "occlusion", "--class", "1", "--window", "9", "--stride", "5") == [
        "run/visualize-occlusion/test-0-1.png", "run/visualize-occlusion/test-0-1.json",
      ])
    #expect(
      try draw(scratch, "filters")
        == [
          "filters-conv1.png", "filters-conv1-epochs.png", "filters-conv1-animated.png",
          "filters-conv2.png", "filters-conv2-epochs.png", "filters-conv2-animated.png",
        ].map { "run/visualize-filters/\($0)" })
    #expect(try draw(scratch, "activations").count == 1 + 9)
    #expect(
      try draw(scratch, "maximally-activating", "--layer", "conv1", "--count", "3") == [
        "run/visualize-maximally-activating/conv1.png"
      ])
    #expect(
      try draw(scratch, "worst") == [
        "run/visualize-worst/worst.png", "run/visualize-worst/worst.csv",
      ])
    #expect(
      try draw(scratch, "weights").filter { $0.hasPrefix("run/") }
        == [
          "weights.png", "weights.svg", "gradients.png", "gradients.svg", "updates.png",
          "updates.svg", "weights.csv", "epochs.png", "epochs.svg",
        ].map { "run/visualize-weights/\($0)" })
    #expect(
      try draw(scratch, "embedding")
        == [
          "pca.png", "pca.svg", "tsne.png", "tsne.svg", "embedding.csv",
        ].map { "run/visualize-embedding/\($0)" })
    for (path, width) in [("saliency/test-3-7.json", 28), ("grad-cam/test-0-2-conv2.json", 14)] {
      let parsed = try StrictJSON.parse(scratch.bytes("run/visualize-\(path)")[...])
      #expect(parsed["width"] == .integer(width))
      guard case .array(let values)? = parsed["values"] else { throw MissingMember() }
      #expect(values.count == width * width)
    }
    // Equal bytes stay, and other content gets a number.
    #expect(try draw(scratch, "saliency", "--index", "3", "--class", "7").count == 2)
    #expect(scratch.names("run/visualize-saliency").count == 2)
    try scratch.write([1], "run/visualize-saliency/test-3-7.png")
    #expect(
      try draw(scratch, "saliency", "--index", "3", "--class", "7")[0]
        == "run/visualize-saliency/test-3-7-2.png")
    #expect(try scratch.bytes("run/visualize-saliency/test-3-7.png") == [1])
  }

  @Test func imagesFromFilesAreExplained() throws {
    let scratch = try trained()
    let exported = try Program.run(
      "datasets", ["export", "mnist", "--data-dir", "digits", "--output", "png"], in: scratch)
    try #require(exported.status == 0, "\(exported.errors)")
    let file = try #require(scratch.names("png/test/7").first)
    #expect(
      try draw(
        scratch, "saliency", "--image", "png/test/7/\(file)", "--class", "3", "--output", "out")
        == ["out/\(file.dropLast(4))-3.png", "out/\(file.dropLast(4))-3.json"])
    let numbers = ["out/\(file.dropLast(4))-3.json"].map {
      try? StrictJSON.parse(scratch.bytes($0)[...])["method"]
    }
    #expect(numbers == [.string("saliency")])
  }

  @Test func badArgumentsAreRefused() throws {
    let scratch = try trained()
    func refuse(_ status: Int32, _ message: String, _ arguments: String...) throws {
      try Program.run("visualize", ["run"] + arguments, in: scratch).expectFailure(status, message)
    }
    try refuse(
      2, "--channel: saliency has no such choice (expected …", "saliency", "--channel", "1")
    try refuse(
      2, "--index: --image names the image…", "saliency", "--index", "1", "--image", "a.png")
    try refuse(2, "--data-dir: no data set is read…", "filters", "--data-dir", "digits")
    try refuse(2, "--count: invalid value (found “0”…", "worst", "--count", "0")
    try refuse(2, "--limit: invalid value (found “3”…", "embedding", "--limit", "3")
    try refuse(
      2, "--stride: invalid value (found “4”…", "occlusion", "--window", "3", "--stride", "4")
    try refuse(2, "--class: no such class (found “cat”, …", "saliency", "--class", "cat")
    try refuse(2, "--index: no such image (found 99, …", "saliency", "--index", "99")
    try refuse(
      2, "--layer: no such layer with an image (found “fc1”, …", "grad-cam", "--layer", "fc1")
    try refuse(2, "--layer: no such convolution (found “relu1”, …", "filters", "--layer", "relu1")
    try refuse(
      2, "--channel: no such channel of conv2 (found 5, …", "maximally-activating", "--channel", "5"
    )
    try refuse(1, "none.png: no such file…", "saliency", "--image", "none.png")
    try refuse(2, "--output: invalid value (found “a.png”, …", "worst", "--output", "a.png")
  }

  /// A checkpoint has finite values only, but their sums can overflow.
  @Test func outputsThatAreNotFiniteAreRefused() throws {
    let scratch = try trained()
    let newest = try #require(
      scratch.names("run/checkpoints").filter { $0.hasPrefix("step-") }.last)
    let path = "run/checkpoints/\(newest)"
    let checkpoint = try CheckpointFile.read(scratch.path(path))
    for layer in ["conv1", "fc1"] {
      let tensors = checkpoint.tensors.map { tensor in
        tensor.name != "\(layer).weight"
          ? tensor
          : StoredTensor(
            name: tensor.name, shape: tensor.shape,
            values: tensor.values.map { _ in Float(3e38) })
      }
      try scratch.write(
        CheckpointFile.encode(tensors: tensors, metadata: checkpoint.metadata), path)
      try Program.run("visualize", ["run", "activations"], in: scratch).expectFailure(
        5, "\(path): an output of \(layer) is not finite. Take an earlier checkpoint.")
      for what in [
        "saliency", "grad-cam", "occlusion", "maximally-activating", "worst", "embedding",
        "filters", "weights",
      ] {
        let outcome = try Program.run("visualize", ["run", what], in: scratch)
        #expect(outcome.status == 0 || outcome.status == 5, "\(layer) \(what): \(outcome.errors)")
        #expect(outcome.errorLines.count == (outcome.status == 0 ? 0 : 1), "\(outcome.errors)")
      }
    }
  }

  @Test func anAutoencoderHasNoClasses() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    let outcome = try Program.run(
      "train",
      tinyRun("run", network: "conv(3,3) relu conv(1,3)", "--loss", "mse", "--max-steps", "2"),
      in: scratch)
    try #require(outcome.status == 0, "\(outcome.errors)")
    try Program.run("visualize", ["run", "saliency"], in: scratch).expectFailure(
      1, "run/checkpoints/step-0000000002.safetensors: an autoencoder has no classes (expected …")
    let drawn = try Program.run("visualize", ["run", "activations"], in: scratch)
    #expect(drawn.status == 0, "\(drawn.errors)")
  }

  private struct MissingMember: Error {}
}
