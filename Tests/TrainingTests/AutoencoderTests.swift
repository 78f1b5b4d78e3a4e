import Foundation
import Layers
import Tensors
import Testing

@testable import Checkpoints
@testable import Datasets
@testable import Training

/// The training and the metrics of autoencoders.
@Suite struct AutoencoderTests {
  private static let network = [
    "arch": "conv(3,3) relu conv(1,3)", "loss": "mse", "mean": "0", "std": "1", "lr": "0.05",
    "momentum": "0.9",
  ]

  private func trainer(
    _ tiny: TinyTraining, _ more: [String: String] = [:], threads: Int = 2
  ) throws -> Trainer {
    try tiny.trainer(Self.network.merging(more) { $1 }, threads: threads)
  }

  /// A network whose output is `factor` times its input, plus `bias`.
  private func affine(
    _ tiny: TinyTraining, factor: Float, bias: Float, _ more: [String: String] = [:]
  ) throws -> Trainer {
    let trainer = try trainer(tiny, ["arch": "conv(1,1)"].merging(more) { $1 })
    trainer.network.parameters[0].setValues(stored: [factor])
    trainer.network.parameters[1].setValues(stored: [bias])
    return trainer
  }

  // MARK: The target

  /// Computes L = (1/N)·Σᵢ (1/784)·Σ (a·x + b − x)² and its gradient step for a and b in double
  /// precision.
  @Test(arguments: [("8", "1"), ("3", "2"), ("50", "1")])
  func theTargetIsTheInput(_ size: String, _ parts: String) throws {
    let trainer = try affine(
      TinyTraining(), factor: 0.5, bias: 0.25,
      ["shuffle": "false", "momentum": "0", "batch-size": size, "accumulate": parts])
    let count = trainer.stepSize
    let indices = trainer.data.training[..<count]
    let pixels = indices.flatMap { index in
      trainer.data.images.pixels[index * 784..<(index + 1) * 784].map { Double($0) / 255 }
    }
    let errors = pixels.map { 0.5 * $0 + 0.25 - $0 }
    let number = Double(pixels.count)
    let (report, _) = try trainer.advance()
    #expect(report.examples == count && report.accuracy == nil)
    #expect(abs(report.loss - errors.reduce(0) { $0 + $1 * $1 } / number) < 1e-7)
    let slopes = [
      zip(errors, pixels).reduce(0) { $0 + 2 * $1.0 * $1.1 } / number,
      errors.reduce(0) { $0 + 2 * $1 } / number,
    ]
    for (parameter, (start, slope)) in zip(
      trainer.network.parameters, zip([0.5, 0.25], slopes))
    {
      let found = Double(parameter.storedValues()[0])
      #expect(abs(found - (start - 0.05 * slope)) < 1e-6, "\(parameter.name)")
    }
  }

  /// With another mean and std the target is the normalized input, not the pixel.
  @Test func theTargetIsTheNormalizedInput() throws {
    let trainer = try affine(TinyTraining(), factor: 1, bias: 0.5, ["mean": "0.5", "std": "0.25"])
    #expect(abs(try trainer.advance().step.loss - 0.25) < 1e-6)
  }

  @Test func lossFallsAndTheLeastValidationLossIsTheBest() throws {
    let trainer = try trainer(TinyTraining(), ["epochs": "12"])
    var epochs: [EpochReport] = []
    let start = try trainer.meanLoss(trainer.data.validation, .meanSquaredError)
    while !trainer.isFinished {
      if let epoch = try trainer.advance().epoch { epochs.append(epoch) }
    }
    #expect(epochs.allSatisfy { $0.trainAccuracy == nil && $0.validationAccuracy == nil })
    let losses = try epochs.map { try #require($0.validationLoss) }
    #expect(try #require(losses.last) < start / 4)
    for (index, epoch) in epochs.enumerated() {
      #expect(epoch.isBest == losses[..<index].allSatisfy { losses[index] < $0 })
    }
    #expect(trainer.progress.best?.loss == losses.min())
    #expect(trainer.progress.best?.accuracy == nil)
    #expect(
      abs(try #require(losses.last) - trainer.meanLoss(trainer.data.validation, .meanSquaredError))
        < 1e-12)
  }

  // MARK: Images

  @Test func theIdentityReproducesEveryByte() throws {
    let tiny = try TinyTraining()
    for (mean, std) in [("0", "1"), ("0.1307", "0.3081")] {
      let trainer = try affine(tiny, factor: 1, bias: 0, ["mean": mean, "std": std])
      let indices = [7, 0, 59]
      #expect(trainer.reconstruct(indices) == trainer.data.images.pixels(of: indices))
    }
    // A constant 0.2, and values beyond both ends.
    let dim = try affine(tiny, factor: 0, bias: 0.2)
    #expect(dim.reconstruct([3]) == [UInt8](repeating: 51, count: 784))
    #expect(try affine(tiny, factor: 0, bias: 7).reconstruct([3]).allSatisfy { $0 == 255 })
    #expect(try affine(tiny, factor: 0, bias: -7).reconstruct([3]).allSatisfy { $0 == 0 })
    // The sigmoid of a logit of ln 4 is 4/5.
    let logits = try affine(tiny, factor: 0, bias: 1.3862944, ["loss": "bce"])
    #expect(logits.reconstruct([3]) == [UInt8](repeating: 204, count: 784))
  }

  // MARK: Checkpoints and metrics

  @Test func resumesFromACheckpointToTheBit() throws {
    let tiny = try TinyTraining()
    let whole = try trainer(tiny, ["epochs": "3"])
    var reports: [StepReport] = []
    while !whole.isFinished { reports.append(try whole.advance().step) }
    for stop in [0, 5, 7, 13, 14] {
      let first = try trainer(tiny, ["epochs": "3"])
      _ = try first.takeSteps(stop)
      let checkpoint = first.checkpoint(metrics: .empty)
      let bytes = try CheckpointFile.encode(
        tensors: checkpoint.tensors, metadata: checkpoint.metadata)
      let second = try trainer(tiny, ["epochs": "3"], threads: 1)
      _ = try second.restore(CheckpointFile.decode(bytes, path: ""))
      #expect(second.progress == first.progress)
      #expect(try second.takeSteps(reports.count - stop) == Array(reports[stop...]))
      #expect(second.state == whole.state && second.progress == whole.progress)
    }
  }

  @Test func theBestIsAStepAndALoss() throws {
    let trainer = try trainer(TinyTraining())
    _ = try trainer.takeSteps(7)
    let good = trainer.checkpoint(metrics: .empty)
    let best = try #require(trainer.progress.best)
    #expect(good.metadata["best"] == "7 \(best.loss)")
    for found in ["7 0.5 0.5", "7", "7 nan", "x 1"] {
      var metadata = good.metadata
      metadata["best"] = found
      #expect(throws: CheckpointProblem.badMetadata(key: "best", found: found)) {
        try trainer.restore(Checkpoint(tensors: good.tensors, metadata: metadata))
      }
    }
  }

  @Test func metricsHaveNoAccuracy() throws {
    let tiny = try TinyTraining()
    let run = try TrainingRun(
      starting: trainer(tiny, ["epochs": "1"]),
      in: RunDirectory(creating: "\(tiny.folder.path)/run", name: "run"))
    while !run.trainer.isFinished { _ = try run.advance() }
    let outcome = try Evaluator(
      run.trainer.network, loss: .meanSquaredError, context: run.trainer.context
    ).evaluate([1, 2], of: tiny.loaded.images, normalization: run.trainer.data.normalization)
    #expect(outcome.predictions == nil && outcome.accuracy == nil && outcome.correct == nil)
    #expect(outcome.labels == [1, 2] && outcome.losses.count == 2)
    run.recordTest(outcome)
    let bytes = try #require(tiny.folder.bytes("run/metrics.jsonl"))
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 9)
    #expect(lines.allSatisfy { !$0.contains("accuracy") })
    #expect(lines[0].hasPrefix(#"{"kind":"step","step":1,"epoch":1,"loss":0."#))
    #expect(lines[7].hasPrefix(#"{"kind":"epoch","epoch":1,"step":7,"train_loss":0."#))
    #expect(lines[7].contains(#","validation_loss":0."#) && lines[7].contains(#","rate":"#))
    #expect(lines[8] == "{\"kind\":\"test\",\"loss\":\(outcome.meanLoss)}")

    let history = MetricsHistory.epochs(in: bytes)
    #expect(history.count == 1)
    #expect(history.first?.trainAccuracy == nil && history.first?.validationLoss != nil)
  }

  // MARK: Invalid combinations

  @Test(arguments: [
    (
      ["loss": "cross-entropy"],
      "--loss: the network gives images, not a value a class (found “cross-entropy”, "
        + "expected mse or bce, or a network that ends in fc(classes))."
    ),
    (
      ["loss": "bce", "std": "0.5"],
      "--loss: bce needs pixels in 0…1 for targets (expected --mean 0 --std 1)."
    ),
    (
      ["arch": "conv(1,3) sigmoid", "loss": "bce"],
      "--loss: bce takes a sigmoid of the outputs itself "
        + "(expected a network without a sigmoid at its end, or mse)."
    ),
    (
      ["smoothing": "0.1"],
      "--smoothing: an autoencoder has no labels to smooth (found “0.1”, expected 0)."
    ),
    (
      ["arch": "fc(classes)", "loss": "hinge", "smoothing": "0.1"],
      "--smoothing: the hinge loss takes plain labels (found “0.1”, expected 0)."
    ),
    (
      ["decoder": "bilinear"],
      "--decoder: the network has no choice of decoders (found “bilinear”, "
        + "expected a --model that has one, autoencoder)."
    ),
  ])
  func lossesThatDoNotFitAreRefused(_ settings: [String: String], _ message: String) throws {
    let tiny = try TinyTraining()
    let error = #expect(throws: SettingError.self) { try trainer(tiny, settings) }
    #expect(error?.description == message)
  }
}

extension Trainer {
  /// The mean loss over `indices`, computed without a training step.
  func meanLoss(_ indices: [Int], _ loss: Loss) throws -> Double {
    try Evaluator(network, loss: loss, context: context).evaluate(
      indices, of: data.images, normalization: data.normalization
    ).meanLoss
  }
}
