import Datasets
import Layers
import Testing

@testable import Training

/// Classifiers trained with each of the losses.
@Suite struct LossSettingTests {
  /// Training with each loss learns the easy digits, and a step reports the loss that an evaluation
  /// before it finds.
  @Test(arguments: Loss.allCases)
  func everyLossLearns(_ loss: Loss) throws {
    // The mean squared error has a steep gradient for the sums of 784 inputs.
    let rate = loss == .meanSquaredError ? "0.002" : "0.02"
    let trainer = try TinyTraining().trainer([
      "loss": loss.rawValue, "epochs": "12", "shuffle": "false", "lr": rate, "momentum": "0.9",
    ])
    let first = Array(trainer.data.training.prefix(8))
    let before = try trainer.meanLoss(first, loss)
    let start = try trainer.meanLoss(trainer.data.validation, loss)
    let (step, _) = try trainer.advance()
    #expect(abs(step.loss - before) < 1e-6)
    #expect(try trainer.meanLoss(first, loss) < before)
    while !trainer.isFinished { _ = try trainer.advance() }
    #expect(trainer.progress.best?.accuracy == 1)
    #expect(try trainer.meanLoss(trainer.data.validation, loss) < start)
  }

  /// The losses of the first step on equal logits are known: for C classes ln C, (C − 1)/C, the
  /// mean square 1/C of the one-hot row, and ln 2. Smoothing changes only the mean square.
  @Test(arguments: [
    ("cross-entropy", "0", 2.302585093), ("hinge", "0", 0.9), ("mse", "0", 0.1),
    ("bce", "0", 0.6931471806), ("cross-entropy", "0.3", 2.302585093), ("mse", "0.5", 0.0325),
    ("bce", "0.3", 0.6931471806),
  ])
  func equalOutputsHaveAKnownLoss(_ loss: String, _ smoothing: String, _ expected: Double) throws {
    let trainer = try TinyTraining().trainer(["loss": loss, "smoothing": smoothing])
    for parameter in trainer.network.parameters {
      parameter.setValues(stored: [Float](repeating: 0, count: parameter.layout.count))
    }
    #expect(abs(try trainer.advance().step.loss - expected) < 1e-6)
  }

  /// Smoothed labels increase the training loss of a confident network; validation does not smooth.
  @Test func smoothingIsForTrainingAlone() throws {
    let tiny = try TinyTraining()
    let plain = try tiny.trainer(["epochs": "1", "lr": "0"])
    let smoothed = try tiny.trainer(["epochs": "1", "lr": "0", "smoothing": "0.2"])
    func run(_ trainer: Trainer) throws -> (step: StepReport, epoch: EpochReport) {
      var last: (StepReport, EpochReport?) = try trainer.advance()
      while last.1 == nil { last = try trainer.advance() }
      return (last.0, try #require(last.1))
    }
    let (a, b) = (try run(plain), try run(smoothed))
    #expect(a.epoch.validationLoss == b.epoch.validationLoss)
    #expect(a.epoch.trainLoss != b.epoch.trainLoss)
    // L' = (1 − ε)·L + ε·(mean cross-entropy over all classes), recomputed from the network's
    // outputs.
    let target = try 0.8 * a.epoch.trainLoss + 0.2 * uniformLoss(plain)
    #expect(abs(b.epoch.trainLoss - target) < 1e-6)
  }

  /// The mean cross-entropy over the training examples and all ten classes, with each class as the
  /// label.
  private func uniformLoss(_ trainer: Trainer) throws -> Double {
    let images = trainer.data.images
    let sum = try (0..<10).reduce(0.0) { sum, label in
      let relabeled = ImageSet(
        height: 28, width: 28, channels: 1, classes: 10, pixels: images.pixels,
        labels: images.labels.map { _ in UInt8(label) })
      return try sum
        + Evaluator(trainer.network, context: trainer.context).evaluate(
          trainer.data.training, of: relabeled, normalization: trainer.data.normalization
        ).meanLoss
    }
    return sum / 10
  }

  @Test func theSettingsAreInCheckpoints() throws {
    let run = try SmallRun(("loss", "bce"), ("smoothing", "0.25"))
    let checkpoint = try run.trainer().checkpoint(metrics: .empty)
    #expect(try checkpoint.configuration() == run.configuration)
    #expect(run.configuration.loss == .binaryCrossEntropy && run.configuration.smoothing == 0.25)
  }

  @Test(arguments: [
    ("loss", "mae"), ("loss", ""), ("smoothing", "-0.1"), ("smoothing", "1.1"),
    ("smoothing", "nan"), ("decoder", "nearest"),
  ])
  func invalidValuesAreRefused(_ key: String, _ value: String) throws {
    var configuration = Configuration()
    let error = #expect(throws: SettingError.self) { try configuration.set(key, to: value) }
    #expect(error?.key == key && error?.found == value)
  }
}
