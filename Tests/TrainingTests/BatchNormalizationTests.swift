import Datasets
import Foundation
import Layers
import Tensors
import TestSupport
import Testing

@testable import Checkpoints
@testable import Training

/// Running averages are saved and restored, updated by batches, and used in evaluation.
@Suite struct BatchNormalizationTests {
  static let architecture =
    "conv(3,3,bias=no) bn pool(4) gelu conv(4,2,frozen=yes) bn(momentum=0.4,scale=no) globalmax"
    + " bn fc(classes,bias=no) scale(1/9)"

  private func run(_ settings: (key: String, value: String)...) throws -> SmallRun {
    var run = try SmallRun(("arch", Self.architecture), ("momentum", "0.9"))
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    return run
  }

  private func averages(_ trainer: Trainer) -> [[Float]] {
    trainer.network.parameters.filter { $0.role == .running }.map { $0.storedValues() }
  }

  @Test func checkpointsHoldAveragesUnderPyTorchsNames() throws {
    let trainer = try run().trainer()
    _ = try trainer.takeSteps(2)
    let names = trainer.checkpoint(metrics: .empty).tensors.map(\.name)
    let norms = (1...3).flatMap { n in
      ["bias", "running_mean", "running_var", "weight"].map { "bn\(n).\($0)" }
    }
    // Parameters that are not trained have no velocity.
    let trained = [
      "bn1.bias", "bn1.weight", "bn2.bias", "bn3.bias", "bn3.weight", "conv1.weight",
      "conv2.bias", "fc1.weight",
    ]
    #expect(
      names == norms + ["conv1.weight", "conv2.bias", "conv2.weight", "fc1.weight"]
        + trained.map { "optim.\($0).momentum_buffer" })
  }

  @Test(arguments: [0, 1, 4, 5, 7, 14])
  func resumesFromACheckpointToTheBit(_ stop: Int) throws {
    let run = try run()
    let whole = try run.trainer()
    let reports = try whole.takeSteps(15)
    let first = try run.trainer()
    _ = try first.takeSteps(stop)
    let checkpoint = first.checkpoint(metrics: .empty)
    let bytes = try CheckpointFile.encode(
      tensors: checkpoint.tensors, metadata: checkpoint.metadata)
    let second = try run.trainer(threads: 2)
    _ = try second.restore(CheckpointFile.decode(bytes, path: ""))
    #expect(second.state == first.state)
    #expect(try second.takeSteps(15 - stop) == Array(reports[stop...]))
    #expect(second.state == whole.state && second.progress == whole.progress)
  }

  @Test func frozenParametersStay() throws {
    let trainer = try run(("weight-decay", "0.5"), ("weight-decay-on", "all")).trainer()
    let before = trainer.values
    _ = try trainer.takeSteps(5)
    let after = trainer.values
    let unchanged = before.keys.filter { before[$0] == after[$0] }.sorted()
    #expect(unchanged == ["bn2.weight", "conv2.weight"])
    #expect(before["bn2.weight"] == [1, 1, 1, 1])
  }

  /// `r ← 0.9·r + 0.1·batch`, starting at 0 and 1, for the outputs of the preceding convolution.
  /// The learning rate is too small to change a weight.
  @Test func averagesFollowTheBatches() throws {
    let trainer = try run(("lr", "1e-30"), ("sched", "constant"), ("shuffle", "false")).trainer()
    let data = trainer.data
    let convolution = try Sequential([trainer.network.layers[0]], inputShape: [1, 28, 28, 1])
    let executor = Executor(
      convolution, capacity: 4, training: false, context: trainer.context)
    let loader = BatchLoader(
      data.images, data.normalization, into: executor, task: .classification)
    var expected = (mean: [0.0, 0, 0], variance: [1.0, 1, 1])
    for step in 0..<5 {
      let batch = data.training[(4 * step)..<min(4 * step + 4, data.training.count)]
      loader.loadImages(batch)
      let outputs = executor.forward(count: batch.count).elements.map(Double.init)
      for channel in 0..<3 {
        let values = stride(from: channel, to: outputs.count, by: 3).map { outputs[$0] }
        let m = Double(values.count)
        let mean = values.reduce(0, +) / m
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (m - 1)
        expected.mean[channel] = 0.9 * expected.mean[channel] + 0.1 * mean
        expected.variance[channel] = 0.9 * expected.variance[channel] + 0.1 * variance
      }
      #expect(try trainer.advance().step.examples == batch.count)
      let found = averages(trainer)
      for channel in 0..<3 {
        #expect(abs(Double(found[0][channel]) - expected.mean[channel]) < 1e-6)
        #expect(abs(Double(found[1][channel]) / expected.variance[channel] - 1) < 1e-5)
      }
    }
  }

  /// Evaluation uses the averages: 0 and 1 before the first step, and later the trained ones. It
  /// processes each example alone and changes no state.
  @Test func evaluationUsesThem() throws {
    let trainer = try run().trainer()
    let all = trainer.data.validation + trainer.data.training
    func losses(_ indices: [Int], capacity: Int) throws -> [Double] {
      try Evaluator(trainer.network, capacity: capacity, context: trainer.context).evaluate(
        indices, of: trainer.data.images, normalization: trainer.data.normalization
      ).losses
    }
    let start = try losses(all, capacity: 256)
    #expect(start.allSatisfy { $0.isFinite })
    #expect(averages(trainer)[0] == [0, 0, 0] && averages(trainer)[1] == [1, 1, 1])
    _ = try trainer.takeSteps(5)
    let state = trainer.state
    let later = try losses(all, capacity: 256)
    #expect(later != start)
    #expect(try losses(all, capacity: 1) == later && losses(all, capacity: 5) == later)
    #expect(try losses(Array(all.reversed()), capacity: 7) == later.reversed())
    #expect(trainer.state == state)

    // The variance of the second layer affects the output.
    let variance = try #require(trainer.network.parameters.first { $0.name == "bn2.running_var" })
    variance.setValues(stored: variance.storedValues().map { 4 * $0 })
    #expect(try losses(all, capacity: 256) != later)
  }

  /// `evaluate` builds the network from the checkpoint only.
  @Test func aCheckpointEvaluatesLikeItsTrainer() throws {
    let trainer = try run().trainer()
    let reports = try (0..<5).map { _ in try trainer.advance() }
    let checkpoint = trainer.checkpoint(metrics: .empty)
    let network = try ModelDescription(checkpoint).network(checkpoint)
    let outcome = try Evaluator(network, context: Context(threadCount: 1)).evaluate(
      trainer.data.validation, of: trainer.data.images,
      normalization: trainer.data.normalization)
    #expect(outcome.meanLoss == reports[4].epoch?.validationLoss)
    #expect(outcome.accuracy == reports[4].epoch?.validationAccuracy)
  }

  /// Batches of one image, a last batch of one, and a single batch of all examples. A batch of one
  /// needs more than one value per channel.
  @Test(arguments: [("1", 18, true), ("17", 2, true), ("18", 1, false), ("4", 5, false)])
  func everyBatchSizeTrains(_ size: String, _ steps: Int, _ onImagesAlone: Bool) throws {
    let run = try run(
      ("batch-size", size),
      (
        "arch",
        onImagesAlone
          ? Self.architecture.replacingOccurrences(of: "globalmax bn", with: "globalmax")
          : Self.architecture
      ))
    let trainer = try run.trainer()
    #expect(trainer.stepsPerEpoch == steps)
    let reports = try trainer.takeSteps(steps + min(1, trainer.totalSteps - steps))
    #expect(reports.allSatisfy { $0.loss.isFinite })
    #expect(trainer.state.joined().allSatisfy { $0.isFinite })
    let again = try run.trainer(threads: 3)
    #expect(try again.takeSteps(reports.count) == reports && again.state == trainer.state)
  }

  /// A smaller batch after a larger one must not use the examples that remain in memory.
  @Test func aRaggedBatchCountsItsOwnExamples() throws {
    let capacities = [6, 4]
    let states = try capacities.map { capacity in
      let run = try run(("batch-size", "4"), ("lr", "1e-30"))
      let trainer = try run.trainer()
      let executor = Executor(
        trainer.network, capacity: capacity, training: true, context: trainer.context)
      executor.input.elements.update(repeating: 1e6)
      if capacity > 4 { _ = executor.forward(count: capacity) }
      for parameter in trainer.network.parameters where parameter.role == .running {
        parameter.setValues(stored: parameter.storedValues().map { _ in 1 })
      }
      BatchLoader(
        trainer.data.images, trainer.data.normalization, into: executor, task: .classification
      ).loadImages(trainer.data.training[..<4])
      _ = executor.forward(count: 4)
      return averages(trainer)
    }
    #expect(states[0] == states[1])
    #expect(states[0].joined().allSatisfy { abs($0) < 1e3 })
  }

  /// The forward pass has changed the averages before the loss turns out to be NaN.
  @Test func aLossThatIsNotFiniteChangesNoAverages() throws {
    let trainer = try run(("lr", "1e38"), ("sched", "constant"), ("momentum", "0")).trainer()
    var failed: NotFiniteError?
    var before = trainer.state
    for _ in 0..<8 where failed == nil {
      before = trainer.state
      do { _ = try trainer.advance() } catch { failed = error }
    }
    #expect(failed != nil)
    #expect(trainer.state.map { $0.map(\.bitPattern) } == before.map { $0.map(\.bitPattern) })
  }

  // MARK: Files of PyTorch

  private static let pytorch =
    String(#filePath.dropLast("BatchNormalizationTests.swift".count))
    + "Fixtures/batch-norm.safetensors"

  /// A file that PyTorch wrote, with its number of batches; `scripts/make-safetensors-fixture`
  /// regenerates it.
  @Test func readsPyTorchsStateAndIgnoresItsCounts() throws {
    let network = try Sequential(
      [
        Convolution2D("conv1", inputChannels: 1, outputChannels: 2, kernel: 3, bias: false),
        BatchNormalization("bn1", channels: 2),
      ], inputShape: [1, 5, 5, 1])
    try InitialValues.load(Self.pytorch, into: network)
    let values = network.parameters.map { $0.storedValues() }
    #expect(values[0] == (0..<18).map(Float.init))
    #expect(Array(values[1...]) == [[10, 11], [20, 21], [30, 31], [40, 41]])
  }

  @Test func countsAreIgnoredByNameAlone() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.pytorch)))
    #expect(
      throws: SafetensorsError.unsupportedDtype(tensor: "bn1.num_batches_tracked", found: "I64")
    ) { try Safetensors.decode(bytes) }
    // Under another name, the number of batches is an unexpected tensor.
    let folder = TemporaryFolder()
    let name = Array("num_batches_tracked".utf8)
    var renamed = bytes
    renamed[try #require(bytes.firstRange(of: name)).lowerBound] = UInt8(ascii: "N")
    let path = try folder.write(renamed, to: "renamed.safetensors")
    let network = try Sequential(
      [
        Convolution2D("conv1", inputChannels: 1, outputChannels: 2, kernel: 3, bias: false),
        BatchNormalization("bn1", channels: 2),
      ], inputShape: [1, 5, 5, 1])
    #expect(
      throws: CheckpointError(
        path: path, problem: .unexpected(tensor: "bn1.Num_batches_tracked", shape: []))
    ) { try InitialValues.load(path, into: network) }
    // The tensor must satisfy the format's rules nevertheless.
    let shape = try #require(bytes.firstRange(of: Array(#""dtype":"I64","shape":[]"#.utf8)))
    var misshapen = bytes
    misshapen.replaceSubrange(shape, with: Array(#""dtype":"I32","shape":[]"#.utf8))
    let other = try folder.write(misshapen, to: "misshapen.safetensors")
    #expect(throws: CheckpointError.self) { try InitialValues.load(other, into: network) }
  }
}
