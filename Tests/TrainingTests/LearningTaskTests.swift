import Layers
import Tensors
import Testing

@testable import Datasets
@testable import Training

@Suite struct LearningTaskTests {
  private func tensor(_ arena: Arena, _ shape: Shape, _ values: [Float]) -> Tensor {
    let tensor = arena.tensor(shape)
    _ = tensor.elements.update(fromContentsOf: values)
    return tensor
  }

  @Test func argmaxIsTheFirstOfEqualOutputs() {
    let arena = Arena()
    let outputs = tensor(arena, [4, 3], [1, 2, 2, 3, 3, 3, 0, -1, 0, -2, -3, -1])
    #expect((0..<4).map { outputs.argmax(ofRow: $0) } == [1, 0, 0, 2])
  }

  @Test func equalOutputsPredictTheFirstClass() throws {
    let trainer = try SmallRun(("arch", "fc(classes)")).trainer()
    for parameter in trainer.network.parameters {
      parameter.setValues(stored: [Float](repeating: 0, count: parameter.layout.count))
    }
    let outcome = try Evaluator(trainer.network, context: trainer.context).evaluate(
      Array(0..<23), of: trainer.data.images, normalization: trainer.data.normalization)
    #expect(outcome.predictions == [Int](repeating: 0, count: 23))
  }

  /// The label of a mixed image is the one with the greater share.
  @Test func correctIsWhatPredictsThePredominantLabel() {
    let arena = Arena()
    let outputs = tensor(arena, [3, 2], [1, 0, 0, 1, 0, 1])
    let labels = arena.values(of: Int32.self, 3)
    let others = arena.values(of: Int32.self, 3)
    let shares = arena.floats(3)
    for (i, (label, other, share)) in [(0, 1, 0.5), (0, 1, 0.25), (0, 1, 1)].enumerated() {
      (labels[i], others[i], shares[i]) = (Int32(label), Int32(other), Float(share))
    }
    let targets = Targets.classes(
      ClassTargets(
        borrowing: UnsafeBufferPointer(start: labels, count: 3),
        mixed: (
          UnsafeBufferPointer(start: others, count: 3),
          UnsafeBufferPointer(start: shares, count: 3)
        )))
    #expect(LearningTask.classification.correct(outputs, targets) == 2)
    #expect(LearningTask.reconstruction.correct(outputs, .values(outputs)) == nil)
    #expect(LearningTask.reconstruction.accuracy(correct: 0, of: 3) == nil)
    #expect(LearningTask.classification.accuracy(correct: 1, of: 4) == 0.25)
    withExtendedLifetime(arena) {}
  }

  /// Class weights are computed from the training examples, without validation examples and those
  /// beyond a limit.
  @Test(arguments: [[("val-split", "5")], [("val-split", "9"), ("limit-train", "7")]])
  func classesAreCountedOverTrainingExamplesAlone(_ settings: [(String, String)]) throws {
    var run = try SmallRun()
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    let data = try TrainingData(run.data, run.configuration)
    var expected = [Int](repeating: 0, count: 10)
    for index in data.training { expected[Int(data.images.labels[index])] += 1 }
    #expect(data.trainingCounts == expected)
    #expect(data.trainingCounts.reduce(0, +) == data.training.count)
    #expect(data.training.count < data.images.count)
  }
}

@Suite struct SingleValueBatchTests {
  private func error(_ settings: (String, String)...) throws -> SettingError? {
    var run = try SmallRun()
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    let network = try run.configuration.network!.architecture.network(
      input: [1, 28, 28, 1], classes: 10)
    do throws(SettingError) {
      try run.configuration.checkBatches(of: network, examples: 18)
      return nil
    } catch { return error }
  }

  /// With 18 examples in batches of 17, the last batch has one example.
  @Test func batchNormalizationOfOneValueIsRefused() throws {
    let arch = ("arch", "pool(4) fc(8) bn relu fc(classes)")
    #expect(
      try error(arch, ("batch-size", "1"))?.description
        == "--batch-size: bn1 would normalize a single value per channel, as a batch has 1 example "
        + "(found “1”, expected another --batch-size, such as 10).")
    #expect(
      try error(arch, ("batch-size", "17"))?.description
        == "--batch-size: bn1 would normalize a single value per channel, as the last batch of 18 "
        + "training examples has 1 example (found “17”, expected another --batch-size, such as 10)."
    )
    #expect(try error(arch, ("batch-size", "17"), ("accumulate", "2")) != nil)
    for size in ["2", "3", "4", "16", "18", "64"] {
      #expect(try error(arch, ("batch-size", size)) == nil, "\(size)")
    }
  }

  /// Images of 4×4 leave one value per channel, those of 28×28 have 49.
  @Test func smallImageSizesCount() throws {
    let settings = [
      ("arch", "pool(4) conv(8,1) bn relu globalmax fc(classes)"), ("batch-size", "17"),
    ]
    #expect(try error(settings[0], settings[1]) == nil)
    #expect(
      try error(settings[0], settings[1], ("image-sizes", "4:1 28:1"))?.description.hasPrefix(
        "--batch-size: bn1 would normalize a single value per channel, as the last batch of 18")
        == true)
  }

  @Test func batchNormalizationOfImagesTakesOneExample() throws {
    let arch = ("arch", "conv(2,3) bn pool(4) relu fc(classes)")
    #expect(try error(arch, ("batch-size", "1")) == nil)
    #expect(try error(arch, ("batch-size", "17")) == nil)
  }

  @Test func aTrainerRefusesBatchNormalizationOfOneValue() throws {
    let run = try SmallRun(("arch", "globalmax bn fc(classes)"), ("batch-size", "17"))
    #expect(throws: SettingError.self) { try run.trainer() }
  }
}
