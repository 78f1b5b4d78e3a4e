import Layers
import Tensors
import TestSupport
import Testing

@testable import Checkpoints
@testable import Datasets
@testable import Training

@Suite struct AugmentationTests {
  static let augmentations = [
    "altflip translate(2) cutout(8)", "rotate(15) zoom(0.1) erase(0.5) brightness(0.2) mixup(0.4)",
    "crop(3) cutmix(1) flip",
  ]

  // MARK: Batches

  private func augmenter(_ text: String, _ images: ImageSet) throws -> Augmenter {
    Augmenter(
      try Augmentation(text), of: images, partners: Array(0..<images.count), seed: 5,
      normalization: try Normalization(mean: [0.3], std: [0.2], channels: images.channels))
  }

  /// Expects the content of a batch, example by example.
  private func expect(
    _ batch: AugmentedBatch, holds indices: [Int], epoch: Int, of augmenter: Augmenter
  ) {
    let count = augmenter.images.imageCount
    var image = [UInt8](repeating: 0, count: count)
    var scratch = [UInt8](repeating: 0, count: augmenter.scratchCount)
    for (place, index) in indices.enumerated() {
      var label = MixedLabel(0)
      image.withUnsafeMutableBufferPointer { image in
        scratch.withUnsafeMutableBufferPointer { scratch in
          label = augmenter.write(
            index, epoch: epoch, into: image.baseAddress!, scratch: scratch.baseAddress!)
        }
      }
      #expect(
        image.elementsEqual(
          UnsafeBufferPointer(start: batch.pixels + place * count, count: count)),
        "place \(place)")
      #expect(
        MixedLabel(
          label: batch.labels[place], other: batch.others[place], share: batch.shares[place])
          == label)
    }
  }

  /// In any order, with any batch size, and with right, wrong or no announcement of the next batch,
  /// the batch has the requested examples.
  @Test(arguments: [1, 2, 4])
  func batchesHoldWhatIsAskedFor(_ threads: Int) throws {
    let images = try SmallRun().data.images
    let augmenter = try augmenter(Self.augmentations[1], images)
    let batches = AugmentedBatches(augmenter, capacity: 20)
    let context = Context(threadCount: threads)
    var random = SplitMix64(seed: UInt64(threads))
    func indices() -> [Int] {
      (0..<Int.random(in: 1...20, using: &random)).map { _ in
        Int.random(in: 0..<images.count, using: &random)
      }
    }
    var wanted = indices()
    for round in 0..<200 {
      let foretold = Int.random(in: 0..<3, using: &random) == 0 ? [] : indices()
      let epoch = round / 50
      let batch = batches.take(wanted[...], epoch: epoch, next: foretold[...], in: context)
      expect(batch, holds: wanted, epoch: epoch, of: augmenter)
      let isTrue = Int.random(in: 0..<4, using: &random) > 0
      wanted = foretold.isEmpty || !isTrue ? indices() : foretold
    }
  }

  // MARK: Training

  private func run(_ augmentation: String, _ more: (String, String)...) throws -> SmallRun {
    var run = try SmallRun(("augment", augmentation), ("momentum", "0.9"))
    for (key, value) in more { try run.configuration.set(key, to: value) }
    return run
  }

  @Test(arguments: augmentations)
  func resumesFromEveryStepToTheBit(_ augmentation: String) throws {
    let run = try run(augmentation)
    let whole = try run.trainer()
    let reports = try whole.takeSteps(15)
    #expect(reports != (try SmallRun().trainer().takeSteps(15)))
    for stop in 0...15 {
      let first = try run.trainer(threads: 3)
      _ = try first.takeSteps(stop)
      let checkpoint = first.checkpoint(metrics: .empty)
      let bytes = try CheckpointFile.encode(
        tensors: checkpoint.tensors, metadata: checkpoint.metadata)
      let second = try run.trainer(threads: 2)
      _ = try second.restore(CheckpointFile.decode(bytes, path: ""))
      #expect(try second.takeSteps(15 - stop) == Array(reports[stop...]), "stopped at \(stop)")
      #expect(second.state == whole.state, "stopped at \(stop)")
    }
  }

  /// Two micro-batches have the images of one batch.
  @Test func accumulationGetsTheSameImages() throws {
    let large = try run(Self.augmentations[1], ("batch-size", "8")).trainer(threads: 2)
    let parts = try run(Self.augmentations[1], ("batch-size", "4"), ("accumulate", "2"))
      .trainer(threads: 2)
    for (one, other) in zip(try large.takeSteps(9), try parts.takeSteps(9)) {
      #expect(abs(one.loss - other.loss) <= 1e-5 * one.loss)
      #expect(one.accuracy == other.accuracy)
    }
  }

  /// With learning rate 0 the network does not change: training images differ between epochs, but
  /// validation images do not.
  @Test func validationTakesImagesAsTheyAre() throws {
    func epochs(_ augmentation: String) throws -> [EpochReport] {
      let trainer = try run(augmentation, ("lr", "0")).trainer()
      return try (0..<15).compactMap { _ in try trainer.advance().epoch }
    }
    let (plain, augmented) = (
      try epochs("none"), try epochs("rotate(20) contrast(0.5) erase(1) mixup(1)")
    )
    #expect(Set(plain.map(\.trainLoss)).count <= 3)
    for (one, other) in zip(plain, augmented) {
      #expect(one.validationLoss == other.validationLoss)
      #expect(one.validationAccuracy == other.validationAccuracy)
      #expect(abs(one.trainLoss - other.trainLoss) > 1e-4)
    }
    let losses = augmented.map(\.trainLoss)
    #expect(abs(losses[0] - losses[1]) > 1e-4 && abs(losses[1] - losses[2]) > 1e-4)
  }

  /// The loss of a step with two labels is the sum of the labels' losses, weighted by their shares,
  /// and the images are those of the augmenter.
  @Test(arguments: ["mixup(1)", "altflip translate(2) cutmix(1)"])
  func lossesOfTwoLabelsAreWeightedByTheirShares(_ augmentation: String) throws {
    let trainer = try run(augmentation, ("batch-size", "18"), ("lr", "0"), ("shuffle", "false"))
      .trainer()
    let (images, normalization) = (trainer.data.images, trainer.data.normalization)
    let augmenter = Augmenter(
      trainer.configuration.augmentation, of: images, partners: trainer.data.training, seed: 1,
      normalization: normalization)
    let batch = AugmentedBatch(augmenter, capacity: 18)
    batch.begin(trainer.data.training[...], epoch: 0)
    batch.work()

    let executor = Executor(
      trainer.network, capacity: 18, training: false, context: trainer.context)
    for i in 0..<18 * 784 {
      executor.input.base[i] = normalization.value(of: batch.pixels[i], channel: 0)
    }
    let logits = executor.forward(count: 18)
    var (loss, correct) = (0.0, 0)
    for i in 0..<18 {
      let row = (0..<10).map { Double(logits.base[i * 10 + $0]) }
      let most = row.max()!
      let logSum =
        most
        + ExactMath.logarithm(
          row.reduce(0) { $0 + ExactMath.exponential($1 - most) })
      let share = Double(batch.shares[i])
      loss += share * (logSum - row[Int(batch.labels[i])])
      loss += (1 - share) * (logSum - row[Int(batch.others[i])])
      let predominant = share >= 0.5 ? batch.labels[i] : batch.others[i]
      if row.firstIndex(of: most) == Int(predominant) { correct += 1 }
      #expect(trainer.data.training.contains { Int(batch.others[i]) == Int(images.labels[$0]) })
    }
    let report = try trainer.advance().step
    #expect(abs(report.loss - loss / 18) < 1e-5 * report.loss)
    #expect(report.accuracy == Double(correct) / 18)
    #expect((0..<18).contains { batch.shares[$0] != 1 && batch.labels[$0] != batch.others[$0] })
  }

  /// Images are mixed with training images, never with validation images.
  @Test func partnersAreTrainedOn() throws {
    // All images are black, except the white images of the validation split.
    var run = try run("mixup(1)", ("val-split", "5"))
    run.examples = 23
    let trainer = try run.trainer()
    let validation = Set(trainer.data.validation)
    let images = ImageSet(
      height: 28, width: 28, channels: 1, classes: 10,
      pixels: (0..<23).flatMap {
        [UInt8](repeating: validation.contains($0) ? 255 : 0, count: 784)
      },
      labels: trainer.data.images.labels)
    let augmenter = Augmenter(
      trainer.configuration.augmentation, of: images, partners: trainer.data.training, seed: 1,
      normalization: trainer.data.normalization)
    let batch = AugmentedBatch(augmenter, capacity: 18)
    for epoch in 0..<50 {
      batch.begin(trainer.data.training[...], epoch: epoch)
      batch.work()
      #expect((0..<18 * 784).allSatisfy { batch.pixels[$0] == 0 })
    }
  }

  // MARK: Settings

  @Test func anAutoencoderLearnsFromAugmentedImages() throws {
    let run = try SmallRun(
      ("arch", "conv(4,3) relu conv(1,3)"), ("loss", "mse"), ("mean", "0"), ("std", "1"),
      ("augment", "rotate(20) mixup(1)"))
    let reports = try run.trainer().takeSteps(15)
    #expect(reports.allSatisfy { $0.accuracy == nil && $0.loss.isFinite })
  }

  @Test(arguments: [
    (
      "translate(28)",
      "the images are of 28×28 (found “translate(28)”, expected distances below 28)."
    ),
    (
      "flip crop(40)",
      "the images are of 28×28 (found “flip translate(40,padding=zero)”, expected distances below 28)."
    ),
  ])
  func tellsWhatDoesNotFitTheImages(_ augmentation: String, _ message: String) throws {
    let run = try run(augmentation)
    let error = #expect(throws: SettingError.self) { try run.trainer() }
    #expect(error?.description == "--augment: \(message)")
    #expect(throws: Never.self) { try self.run("translate(27)").trainer().takeSteps(2) }
  }

  @Test func theHingeRefusesMixedLabels() throws {
    let run = try run("flip mixup(1)", ("loss", "hinge"))
    let error = #expect(throws: SettingError.self) { try run.trainer() }
    #expect(
      error?.description
        == "--augment: the hinge loss takes plain labels (found “flip mixup(1)”, expected no mixup and no cutmix)."
    )
    #expect(throws: Never.self) { try self.run("flip", ("loss", "hinge")).trainer().takeSteps(2) }
  }

  @Test func theSettingIsReadWrittenAndChecked() throws {
    var configuration = try Configuration(recipe: [("augment", " flip  crop(4) ")], flags: [])
    #expect(configuration.text("augment") == "flip translate(4,padding=zero)")
    #expect(configuration.yaml.contains("\naugment: \"flip translate(4,padding=zero)\"\n"))
    let before = configuration
    try configuration.set("augment", to: "none")
    #expect(configuration.text("augment") == nil)
    #expect(
      configuration.differences(from: before) == [
        "--augment was flip translate(4,padding=zero) and is now not given"
      ])
    let error = #expect(throws: SettingError.self) {
      try configuration.set("augment", to: "flip rotat(3)")
    }
    #expect(
      error?.description.hasPrefix(
        "--augment: position 6, rotat(3): there is no step “rotat” (expected one of flip, ") == true
    )
  }

  /// The time is measured, but is not part of any report.
  @Test func countsTheTimeThatStepsWait() throws {
    let trainer = try run("rotate(20)").trainer()
    #expect(trainer.loadingSeconds == 0)
    _ = try trainer.takeSteps(5)
    let five = trainer.loadingSeconds
    _ = try trainer.takeSteps(5)
    #expect(five > 0 && trainer.loadingSeconds > five)
  }
}
