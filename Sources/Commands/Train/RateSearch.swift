import Files
import Reports
import Terminal
import Training

/// `train --find-lr`: a learning-rate range test, of which only a plot is kept.
struct RateSearch {
  let given: [(key: String, value: String)]
  let recipe: Recipe?
  let download: DownloadOptions
  let progress: ProgressDisplay.Mode

  /// The settings of a run's rate, length, validation, test and files.
  private static let idle: Set = [
    "sched", "warmup", "epochs", "max-steps", "lookahead", "ema", "swa", "patience", "keep", "tta",
    "limit-test", "checkpoint-every", "filters-every", "tensorboard",
  ]

  func execute() throws -> ExitStatus {
    let prepared = try TrainingPreparation(
      given: given, recipe: recipe, download: download, progress: progress, purpose: .rangeTest)
    let (configuration, trainer) = (prepared.configuration, prepared.trainer)
    for (key, _) in given
    where Self.idle.contains(key) || (key == "lr" && configuration.groups == nil) {
      Notice.warning("--\(key) changes nothing with --find-lr, which keeps no run.")
    }
    let network = configuration.network!.name
    func text(_ rate: Double) -> String { Format.significant(rate, digits: 2) }
    try RunOutput().write(
      "\(configuration.dataset), \(network): up to \(Format.counted(trainer.totalSteps, "step")) of "
        + "\(Format.counted(trainer.stepSize, "example")), with learning rates from "
        + "\(text(RangeTest.lowest)) to \(text(RangeTest.highest))\n")
    var test = RangeTest()
    guard try run(trainer, &test, every: configuration.logEvery) else {
      return SignalFlag.wish?.exitStatus ?? .interrupted
    }
    let title = "\(configuration.dataset), \(network): learning-rate range test"
    let path = try FreshFile.write(
      Array(RangeTestPlot(title: title, test: test).svg.utf8), "find-lr", suffix: "svg")
    try RunOutput().write(summary(of: test) + "the losses are drawn in \(path)\n")
    return .done
  }

  /// Takes steps until the loss explodes.
  ///
  /// - Returns: false if a signal ended the test.
  private func run(_ trainer: Trainer, _ test: inout RangeTest, every interval: Int) throws -> Bool
  {
    let display = ProgressDisplay(mode: progress, every: interval)
    defer { display.finish() }
    var clock = Stopwatch(trainer)
    while !trainer.isFinished {
      guard SignalFlag.wish == nil else { return false }
      do throws(NotFiniteError) {
        let step = try trainer.advance().step
        display.update(clock.state(after: step, of: trainer))
        if test.add(learningRate: step.learningRate, loss: step.loss) { break }
      } catch {
        // A loss that is not finite has exploded. In the first steps it has another reason.
        guard test.points.count > 10 else { throw error }
        break
      }
    }
    return true
  }

  private func summary(of test: RangeTest) -> String {
    func text(_ value: Double) -> String { Format.significant(value, digits: 2) }
    let last = text(test.points.last?.learningRate ?? 0)
    guard let lowest = test.lowestPoint, let suggestion = test.suggestion else {
      return "the loss fell at no learning rate up to \(last): look at the data, or at the network "
        + "by --overfit-batches 1\n"
    }
    return
      (test.endsLow
      ? "the loss did not explode up to the highest rate, \(last)\n"
      : "the loss exploded at \(last)\n")
      + "suggestion: --lr \(text(suggestion)), a tenth of the rate with the lowest smoothed loss, "
      + "\(Format.significant(lowest.loss, digits: 3)) at \(text(lowest.learningRate)) "
      + "(the rule “minimum” of fastai's lr_find)\n"
  }
}
