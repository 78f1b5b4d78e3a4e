import Layers
import TestSupport
import Testing

@testable import Datasets
@testable import Training

/// Image sizes and trained parameters that change during a run.
@Suite struct TrainingPhaseTests {
  private static let arch =
    "conv(4,2,padding=valid,frozen=yes) relu conv(4,3) relu globalmax fc(classes)"

  private func run(_ settings: (key: String, value: String)...) throws -> SmallRun {
    var run = try SmallRun()
    try run.configuration.set("arch", to: Self.arch)
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    return run
  }

  /// An epoch has five steps: the bias changes in the first one and a half epochs only.
  @Test func brieflyTrainedParametersKeepTheirValuesAfterwards() throws {
    let trainer = try run(("train-for", "conv1.bias=1.6")).trainer()
    var last = trainer.values
    for step in 1...12 {
      _ = try trainer.takeSteps(1)
      let now = trainer.values
      #expect((now["conv1.bias"] != last["conv1.bias"]) == (step <= 8), "step \(step)")
      #expect(now["conv2.weight"] != last["conv2.weight"], "step \(step)")
      last = now
    }
  }

  /// While the parameter is trained, the run is the plain one.
  @Test func beforeTheEndOfATrainingNothingDiffers() throws {
    let (brief, plain) = (try run(("train-for", "conv1.bias=1")).trainer(), try run().trainer())
    _ = try brief.takeSteps(5)
    _ = try plain.takeSteps(5)
    #expect(brief.state == plain.state)
    _ = try brief.takeSteps(1)
    _ = try plain.takeSteps(1)
    #expect(brief.state != plain.state)
  }

  @Test func sizesChangeAtTheStartOfAnEpoch() throws {
    let trainer = try run(("image-sizes", "14:1 20:1 28:1")).trainer()
    var sides: [Int] = []
    for _ in 0..<15 {
      _ = try trainer.takeSteps(1)
      sides.append(trainer.step.executor.input.shape[1])
    }
    #expect(sides == [14, 20, 28].flatMap { [Int](repeating: $0, count: 5) })
  }

  /// Without the taps that reach no pixel of 3×3 images, the 9×9 kernel is one of 5×5, for which the algorithm is made.
  @Test func aRequestedAlgorithmComputesEverySize() throws {
    let run = try run(
      ("arch", "pool(9) conv(16,9) relu globalmax fc(classes)"),
      ("conv-algorithm", "winograd-rows"))
    _ = try run.trainer()
    var sized = run
    try sized.configuration.set("image-sizes", to: "56:1 28:1")
    #expect {
      _ = try sized.trainer()
    } throws: {
      "\($0)".hasPrefix("--conv-algorithm: winograd-rows does not compute conv1, ")
        && "\($0)".contains("over 6×6")
    }
  }

  /// The last size stays, and sizes of the data's own height change nothing.
  @Test func sizesOfTheImagesChangeNothing() throws {
    let (sized, plain) = (try run(("image-sizes", "28:1")).trainer(), try run().trainer())
    _ = try sized.takeSteps(11)
    _ = try plain.takeSteps(11)
    #expect(sized.state == plain.state)
  }

  /// An augmenter with a size gives what the resizing of its augmented images gives.
  @Test func imagesAreResizedAfterAugmentation() throws {
    let images = try run().data.images
    let normalization = try Normalization(mean: [0.5], std: [0.5], channels: 1)
    func augmenter(_ size: (Int, Int)?) throws -> Augmenter {
      Augmenter(
        try Augmentation("flip translate(2) mixup(1)"), of: images, partners: [0, 1, 2], seed: 4,
        normalization: normalization, size: size.map { (height: $0.0, width: $0.1) })
    }
    func image(_ augmenter: Augmenter, _ example: Int) -> [UInt8] {
      var scratch = [UInt8](repeating: 0, count: augmenter.scratchCount)
      var output = [UInt8](repeating: 0, count: augmenter.outputCount)
      _ = augmenter.write(example, epoch: 2, into: &output, scratch: &scratch)
      return output
    }
    let (plain, sized) = (try augmenter(nil), try augmenter((20, 16)))
    for example in 0..<5 {
      let whole = Image(width: 28, height: 28, channels: 1, pixels: image(plain, example))
      #expect(image(sized, example) == whole.resized(width: 16, height: 20).pixels)
    }
  }

  /// Stopped amid the second size, with the bias frozen or not, and resumed with other threads.
  @Test(arguments: [3, 5, 7, 9])
  func resumesToTheBit(stop: Int) throws {
    let run = try run(
      ("image-sizes", "14:1 20:1 28:1"), ("train-for", "conv1.bias=1.4"), ("augment", "flip"),
      ("drop-last", "true"), ("loss-reduction", "sum"), ("lr", "0.01"))
    let whole = try run.trainer()
    _ = try whole.takeSteps(11)
    let first = try run.trainer(threads: 2)
    _ = try first.takeSteps(stop)
    let checkpoint = first.checkpoint(metrics: .empty)
    var second = run
    second.configuration = try checkpoint.configuration()
    let resumed = try second.trainer(threads: 3)
    _ = try resumed.restore(checkpoint)
    _ = try resumed.takeSteps(11 - stop)
    #expect(resumed.state == whole.state)
  }

  @Test func aLeftOutStepHasNoExamples() throws {
    // 18 examples in steps of 4.
    let trainer = try run(("drop-last", "true")).trainer()
    #expect(trainer.stepsPerEpoch == 4 && trainer.totalSteps == 12)
    let reports = try trainer.takeSteps(12)
    #expect(reports.allSatisfy { $0.examples == 4 })
    let small = try run(("drop-last", "true"), ("batch-size", "19"))
    #expect(throws: SettingError.self) { try small.trainer() }
  }

  /// `Σ Lᵢ` with a rate of a quarter is the mean of four.
  @Test func theSumOfLossesHasNTimesTheGradient() throws {
    let mean = try run(("lr", "0.04"), ("momentum", "0")).trainer()
    let sum = try run(("lr", "0.01"), ("momentum", "0"), ("loss-reduction", "sum")).trainer()
    let (a, b) = (try mean.takeSteps(3), try sum.takeSteps(3))
    #expect(zip(a, b).allSatisfy { abs($0.loss - $1.loss) < 1e-6 })
    for (name, values) in mean.values {
      let other = try #require(sum.values[name])
      #expect(zip(values, other).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
    }
  }

  @Test(arguments: [
    ("train-for", "conv1.weight=1", "--train-for: no trained parameter is called “conv1.weight”"),
    (
      "train-for",
      "conv1.bias=1,conv2.weight=1,conv2.bias=1,fc1.weight=1,fc1.bias=1",
      "--train-for: nothing is left to train"
    ),
    ("image-sizes", "1:1", "--image-sizes: conv1 takes images of one size only"),
  ])
  func whatDoesNotFitIsRefused(key: String, value: String, message: String) throws {
    let run = try run((key, value))
    do {
      _ = try run.trainer()
      Issue.record("\(value) was taken")
    } catch { #expect("\(error)".hasPrefix(message), "\(error)") }
  }

  @Test(arguments: [
    ("image-sizes", ""), ("image-sizes", "24"), ("image-sizes", "24:0"), ("image-sizes", "0:1"),
    ("image-sizes", "24:1.5"), ("train-for", "conv1.bias"), ("train-for", "conv1.bias=-1"),
    ("train-for", "a=1,a=2"),
  ])
  func textsMustHaveTheForm(key: String, text: String) {
    var configuration = Configuration()
    #expect(throws: SettingError.self) { try configuration.set(key, to: text) }
  }
}
