import Testing

@testable import Checkpoints
@testable import Datasets
@testable import Training

@Suite struct TrainerTests {
  // MARK: Counting

  @Test(arguments: [
    // 18 training examples.
    (batch: 4, parts: 1, epochs: "3", steps: 5, planned: 15),
    (batch: 4, parts: 2, epochs: "3", steps: 3, planned: 9),
    (batch: 18, parts: 1, epochs: "2", steps: 1, planned: 2),
    (batch: 19, parts: 1, epochs: "2.4", steps: 1, planned: 2),
    (batch: 1, parts: 1, epochs: "0.5", steps: 18, planned: 9),
    (batch: 4, parts: 1, epochs: "0.01", steps: 5, planned: 1),
    (batch: 65_536, parts: 65_536, epochs: "1", steps: 1, planned: 1),
  ])
  func countsSteps(_ item: (batch: Int, parts: Int, epochs: String, steps: Int, planned: Int))
    throws
  {
    let trainer = try SmallRun(
      ("batch-size", "\(item.batch)"), ("accumulate", "\(item.parts)"), ("epochs", item.epochs)
    ).trainer()
    #expect(trainer.stepsPerEpoch == item.steps)
    #expect(trainer.plannedSteps == item.planned)
    #expect(trainer.totalSteps == item.planned)
  }

  @Test func maxStepsEndARunEarlyAndChangeNoLearningRate() throws {
    let whole = try SmallRun(("sched", "linear")).trainer()
    let early = try SmallRun(("sched", "linear"), ("max-steps", "4")).trainer()
    #expect(early.totalSteps == 4 && early.plannedSteps == 15)
    let expected = try whole.takeSteps(4)
    #expect(try early.takeSteps(4) == expected)
    #expect(early.isFinished && !whole.isFinished)
    for (step, report) in expected.enumerated() {
      #expect(abs(report.learningRate - 0.05 * (1 - Double(step) / 15)) < 1e-15)
    }
    #expect(try SmallRun(("max-steps", "99")).trainer().totalSteps == 15)
  }

  @Test func reportsCountExamples() throws {
    let trainer = try SmallRun().trainer()
    var epochs: [EpochReport] = []
    for step in 1...15 {
      let (report, epoch) = try trainer.advance()
      #expect(report.step == step && report.epoch == (step - 1) / 5 + 1)
      #expect(report.examples == (step % 5 == 0 ? 2 : 4))
      #expect((epoch != nil) == (step % 5 == 0))
      if let epoch { epochs.append(epoch) }
    }
    #expect(epochs.map(\.epoch) == [1, 2, 3] && epochs.map(\.step) == [5, 10, 15])
    #expect(epochs[0].isBest)
    #expect(trainer.isFinished)
  }

  /// All images are equal, so a batch of one example has the mean gradient of a batch of four. A
  /// last batch of one example must change the parameters as much as a full one.
  @Test func aRaggedBatchWeighsByItsExamples() throws {
    func copies(_ count: Int) throws -> Trainer {
      let run = try SmallRun(("val-split", "0"), ("momentum", "0"), ("sched", "constant"))
      let one = try run.data
      let loaded = LoadedSplit(
        entry: one.entry, split: .train,
        images: ImageSet(
          height: 28, width: 28, channels: 1, classes: 10,
          pixels: (0..<count).flatMap { _ in one.images.pixels.prefix(784) },
          labels: Array(repeating: 7, count: count)),
        files: one.files, directory: ".", isSample: false, isVerified: true, notices: [])
      let start = try run.trainer()
      return try Trainer(
        run.configuration, network: start.network,
        data: TrainingData(loaded, run.configuration), context: start.context)
    }
    let (ragged, full) = (try copies(5), try copies(8))
    let start = ragged.state
    #expect(try ragged.takeSteps(2).map(\.examples) == [4, 1])
    #expect(try full.takeSteps(2).map(\.examples) == [4, 4])
    for (a, b) in zip(ragged.state.joined(), full.state.joined()) {
      #expect(abs(a - b) <= 1e-6 * max(1, abs(b)))
    }
    #expect(ragged.state != start)
  }

  // MARK: Checkpoints

  @Test(arguments: [
    "conv(2,3) pool(4) relu fc(classes)",
    "dropout(0.1) conv(2,3) tanh avgpool(4) dropout(0.3) fc(8) sigmoid dropout(0.5) fc(classes)",
  ])
  func resumesFromACheckpointToTheBit(_ network: String) throws {
    let run = try SmallRun(
      ("arch", network), ("nesterov", "true"), ("weight-decay", "0.01"))
    let whole = try run.trainer()
    let reports = try whole.takeSteps(15)
    for stop in 0...15 {
      let first = try run.trainer()
      _ = try first.takeSteps(stop)
      let checkpoint = first.checkpoint(metrics: .empty)
      let bytes = try CheckpointFile.encode(
        tensors: checkpoint.tensors, metadata: checkpoint.metadata)
      let second = try run.trainer(threads: 2)
      #expect(try second.restore(CheckpointFile.decode(bytes, path: "")) == .empty)
      #expect(second.progress == first.progress)
      #expect(try second.takeSteps(15 - stop) == Array(reports[stop...]), "stopped at \(stop)")
      #expect(second.state == whole.state, "stopped at \(stop)")
      #expect(second.progress == whole.progress)
    }
  }

  /// Dropout depends on the seed, the step and the example's index in the mini-batch, not on the
  /// number of threads or the parts of `accumulate`.
  @Test func dropoutDependsOnSeedStepAndExample() throws {
    func losses(_ settings: (String, String)..., threads: Int = 1) throws -> [Double] {
      var run = try SmallRun(
        ("arch", "dropout(0.5) fc(classes)"), ("batch-size", "6"), ("lr", "1e-9"),
        ("sched", "constant"), ("shuffle", "false"), ("val-split", "0"))
      run.examples = 12
      for (key, value) in settings { try run.configuration.set(key, to: value) }
      let trainer = try run.trainer(threads: threads)
      // The same initial values for every seed.
      trainer.network.initialize(seed: 1)
      return try trainer.takeSteps(4).map(\.loss)
    }
    let reference = try losses()
    #expect(try losses(threads: 3) == reference)
    let parts = try losses(("batch-size", "2"), ("accumulate", "3"))
    for (part, whole) in zip(parts, reference) { #expect(abs(part - whole) < 1e-6) }
    // Steps 1 and 3 have the same examples and nearly the same weights.
    #expect(abs(reference[0] - reference[2]) > 1e-3)
    #expect(abs(try losses(("seed", "2"))[0] - reference[0]) > 1e-3)
  }

  @Test func aCheckpointTellsItsConfiguration() throws {
    var run = try SmallRun(
      ("mean", "-0.25"), ("std", "0.5"), ("shuffle", "false"), ("seed", "18446744073709551615"),
      ("lr", "0.1"), ("sched", "steps(1:0.1,3:1e-05)"), ("weight-decay-on", "fc1.bias"),
      ("accumulate", "2"))
    let checkpoint = try run.trainer().checkpoint(metrics: .empty)
    #expect(try checkpoint.configuration() == run.configuration)
    // Settings of execution do not change the result.
    run.configuration.threads = 2
    run.configuration.logEvery = 7
    run.configuration.maxSteps = 9
    run.configuration.filtersEvery = 3
    run.configuration.dataDirectory = "somewhere"
    run.configuration.initialValues = "a.safetensors"
    #expect(try run.trainer().checkpoint(metrics: .empty) == checkpoint)
  }

  @Test func aCheckpointThatDoesNotFitChangesNothing() throws {
    let run = try SmallRun()
    let source = try run.trainer()
    _ = try source.takeSteps(7)
    let good = source.checkpoint(metrics: .empty)
    let trainer = try run.trainer()
    _ = try trainer.takeSteps(2)
    let (state, progress) = (trainer.state, trainer.progress)

    func refuses(
      _ problem: CheckpointProblem,
      _ change: (inout [StoredTensor], inout [String: String]) -> Void
    ) {
      var (tensors, metadata) = (good.tensors, good.metadata)
      change(&tensors, &metadata)
      let checkpoint = Checkpoint(tensors: tensors, metadata: metadata)
      #expect(throws: problem) { try trainer.restore(checkpoint) }
      #expect(trainer.state == state && trainer.progress == progress, "\(problem)")
    }
    let data = good.metadata["data"]!
    refuses(.otherData(found: "mnist:0", expected: data)) { $1["data"] = "mnist:0" }
    for key in [
      "data", "step", "epoch_loss_sum", "epoch_correct", "epoch_examples", "metrics_length",
      "metrics_sha256",
    ] { refuses(.missingMetadata(key: key)) { $1[key] = nil } }
    for (key, value) in [
      ("step", "seven"), ("step", "-1"), ("step", "7.0"), ("epoch_examples", "7"),
      ("epoch_examples", "-8"), ("epoch_correct", "9"), ("epoch_correct", "-1"),
      ("epoch_loss_sum", "nan"), ("epoch_loss_sum", "inf"), ("metrics_length", "-1"),
      ("best", "5 0.5"), ("best", "5 0.5 nan"), ("best", "x 0.5 1"),
    ] { refuses(.badMetadata(key: key, found: value)) { $1[key] = value } }
    // The last tensor to be checked: no earlier one may have been set.
    let last = good.tensors.last!
    refuses(.missing(tensor: last.name, shape: last.shape)) { tensors, _ in tensors.removeLast() }
    refuses(.misshapen(tensor: last.name, found: [1, last.values.count], expected: last.shape)) {
      tensors, _ in
      tensors[tensors.count - 1] = StoredTensor(
        name: last.name, shape: [1, last.values.count], values: last.values)
    }
    refuses(.unexpected(tensor: "x", shape: [1])) { tensors, _ in
      tensors.append(StoredTensor(name: "x", shape: [1], values: [0]))
    }
    _ = try trainer.restore(good)
    #expect(trainer.state == source.state && trainer.progress == source.progress)
  }

  // MARK: Not finite

  @Test func aLossThatIsNotFiniteChangesNothing() throws {
    let trainer = try SmallRun(("lr", "1e36"), ("sched", "constant")).trainer()
    _ = try trainer.advance()
    let (state, progress) = (trainer.state, trainer.progress)
    for _ in 0..<2 {
      #expect(throws: NotFiniteError(.step(2), tensor: "the loss")) { try trainer.advance() }
      #expect(trainer.state == state && trainer.progress == progress)
    }
    #expect(
      NotFiniteError(.step(2), tensor: "the loss").description
        == "step 2: the loss is not finite. Try a smaller --lr; the last checkpoint is intact.")
  }

  /// Logits of 0 have a finite loss, but with weights of 1e6 and pixels of 1e36 their gradient is
  /// not finite.
  @Test func aGradientThatIsNotFiniteIsNamed() throws {
    let trainer = try SmallRun(("arch", "fc(3) fc(classes)"), ("std", "1e-36")).trainer()
    for parameter in trainer.network.parameters {
      let value: Float = parameter.name == "fc2.weight" ? 1e6 : 0
      // Rows must differ, because the softmax's gradient sums to 0 and would cancel.
      parameter.setValues(
        stored: (0..<parameter.layout.count).map { value * Float($0 % 7) })
    }
    let (state, progress) = (trainer.state, trainer.progress)
    #expect(throws: NotFiniteError(.step(1), tensor: "the gradient of fc1.weight")) {
      try trainer.advance()
    }
    #expect(trainer.state == state && trainer.progress == progress)
  }
}
