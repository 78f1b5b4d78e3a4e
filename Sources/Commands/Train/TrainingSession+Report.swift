import Datasets
import Layers
import Reports
import Terminal
import Training

/// What a run reports at its end.
extension TrainingSession {
  /// Evaluates the finished network on the test split, for the first and only time.
  func reportTest(_ events: EventRecorder?) throws {
    let trainer = run.trainer
    let examples = testExamples
    let evaluator = Evaluator(
      try keptNetwork(), loss: configuration.loss,
      testTimeAugmentation: configuration.testTimeAugmentation, context: trainer.context)
    let outcome = try evaluator.evaluate(
      examples, of: test.images, normalization: trainer.data.normalization,
      stage: .test(afterStep: trainer.progress.step))
    run.recordTest(outcome)
    events?.recordTest(outcome)
    try RunOutput().write(
      "test: \(figures(outcome.meanLoss, outcome.accuracy).text) "
        + "of \(Format.counted(examples.count, test.isSample ? "held-out example" : "example"))"
        + "\(views(outcome))\n"
        + (try promise(outcome.accuracy)) + advice
        + (purpose == .oneStep
          ? "" : "see it in full by `swift run evaluate \(run.directory.path.asShellWord)`\n"))
  }

  /// Says whether the network has learned the batches of `--overfit-batches`.
  ///
  /// It has if it classifies at least 99 % of the examples correctly. An autoencoder has if its loss
  /// is less than half of that of the first step.
  func reportOverfitting() throws {
    let trainer = run.trainer
    let examples = trainer.data.training
    let evaluator = Evaluator(
      trainer.network, loss: configuration.loss, context: trainer.context)
    let outcome = try evaluator.evaluate(
      examples, of: trainer.data.images, normalization: trainer.data.normalization,
      stage: .validation(afterStep: trainer.progress.step))
    let hasLearned: Bool
    let figure: String
    if let correct = outcome.correct {
      hasLearned = 100 * correct >= 99 * examples.count
      figure =
        "\(Format.count(correct)) of \(Format.counted(examples.count, "example")) "
        + (correct == 1 ? "is right" : "are right")
    } else {
      let first = MetricsHistory.firstLoss(in: run.directory.read("metrics.jsonl") ?? [])
      hasLearned = first.map { outcome.meanLoss < $0 / 2 } ?? false
      figure =
        "the loss is \(Format.significant(outcome.meanLoss, digits: 3))"
        + (first.map { ", from \(Format.significant($0, digits: 3))" } ?? "")
    }
    try RunOutput().write(
      hasLearned
        ? "yes, the network has learned these examples: \(figure)\n"
        : "no, the network has not learned these examples: \(figure); "
          + "try another --lr, more --epochs or a larger network, and look at the labels\n")
  }

  /// The test examples that `limit-test` leaves.
  private var testExamples: [Int] {
    let examples = ExampleLimit.apply(
      configuration.testLimit, to: Array(0..<test.images.count), labels: test.images.labels,
      seed: configuration.seed)
    return purpose == .oneStep ? Array(examples.prefix(configuration.batchSize)) : examples
  }

  /// The network's report on the test examples, read back from the last checkpoint.
  func writeReport() throws {
    let trained = try TrainedModel(run.directory.path, best: false)
    let data = EvaluationData(testing: testExamples, of: test)
    let views = trained.configuration.testTimeAugmentation
    let evaluator = Evaluator(
      trained.network, loss: trained.configuration.loss, testTimeAugmentation: views,
      context: run.trainer.context)
    let outcome = try evaluator.evaluate(
      data.indices, of: data.images, normalization: trained.normalization, keepingLogits: true)
    let report = try EvaluationReport(
      trained, on: data, evaluator: evaluator, views: views, outcome)
    try ReportFolder(trained.reportFolder(.test)).write(report)
  }

  /// A sentence about the classes that `limit-test` leaves without an example; nil if there are none.
  var testNotice: String? {
    guard configuration.testLimit != nil else { return nil }
    return ExampleLimit.absence(
      in: testExamples, labels: test.images.labels, classNames: test.entry.classNames,
      purpose: "to test with")
  }

  /// The network that is the result of the run: with `--keep best` that of the best validation, which its
  /// checkpoint holds.
  private func keptNetwork() throws -> Sequential {
    let (trainer, progress) = (run.trainer, run.trainer.progress)
    guard configuration.kept == .best, let best = progress.best, best.step != progress.step else {
      return trainer.network
    }
    try RunOutput().write(
      "testing the network of epoch \(best.step / trainer.stepsPerEpoch), the best by validation\n")
    return try TrainedModel(run.directory.path, best: true).network
  }

  /// The figures without test-time augmentation, beside those with it.
  private func views(_ outcome: Evaluator.Outcome) -> String {
    guard outcome.singleView != nil else { return "" }
    let single = outcome.withoutViews
    return " with --tta \(configuration.testTimeAugmentation.rawValue); "
      + "single view: \(figures(single.meanLoss, single.accuracy).text)"
  }

  /// A line that compares the accuracy with the one that the run's recipe promises.
  private func promise(_ accuracy: Double?) throws -> String {
    let path = "\(run.directory.path)/\(RunDirectory.recipeName)"
    guard let accuracy, purpose == .run, run.directory.read(RunDirectory.recipeName) != nil,
      let recipe = try? Recipe(contentsOf: path), let expected = recipe.claim.accuracyText
    else { return "" }
    var plain = try Configuration(recipe: recipe.settings, flags: [], data: loaded)
    plain.seed = configuration.seed
    plain.validationCount = plain.validationCount ?? configuration.validationCount
    plain.imageSize = configuration.imageSize
    let changed = Configuration.settings.filter {
      $0.changesResults && plain.text($0.key) != configuration.text($0.key)
    }
    if let first = changed.first {
      return "the recipe promises \(expected), but with another --\(first.flagName)\n"
    }
    if loaded.isSample { return "the recipe promises \(expected), but not on the sample\n" }
    return RecipeMatch(recipe.claim, accuracy: 100 * accuracy, seeds: 1, expected: expected).text
  }

  /// A line about the way the training loss went, if there is something to say.
  private var advice: String {
    guard purpose == .run else { return "" }
    let metrics = run.directory.read("metrics.jsonl") ?? []
    func text(_ loss: Double) -> String { Format.significant(loss, digits: 3) }
    switch LossTrend(
      firstLoss: MetricsHistory.firstLoss(in: metrics), epochs: MetricsHistory.epochs(in: metrics))
    {
    case .hardlyMoved(let first, let last):
      return "the training loss hardly fell, from \(text(first)) to \(text(last)): "
        + "try another --lr, or more --epochs\n"
    case .stillFalling(let before, let last):
      return
        "the training loss still fell in the last epoch, from \(text(before)) to \(text(last)): "
        + "try more --epochs\n"
    case nil: return ""
    }
  }

  /// A loss with its accuracy, if there is one.
  func figures(_ loss: Double, _ accuracy: Double?) -> EpochLine.Figures {
    accuracy.map { .init(loss: loss, accuracy: $0) } ?? .init(configuration.loss.rawValue, loss)
  }
}
