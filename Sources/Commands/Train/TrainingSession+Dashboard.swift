import Terminal
import Training

/// What a run shows with `--progress dashboard`.
extension TrainingSession {
  /// The state of the run's dashboard at the start, after the epochs of `history`.
  func dashboard(after history: [MetricsHistory.Epoch]) -> DashboardState {
    let trainer = run.trainer
    let best = trainer.progress.best.map { $0.step / trainer.stepsPerEpoch }
    return DashboardState(
      title: "\(configuration.network!.name) on \(configuration.dataset)",
      place: run.directory.path,
      lossName: trainer.network.isAutoencoder ? configuration.loss.rawValue : "loss",
      hasAccuracy: !trainer.network.isAutoencoder, stepsPerEpoch: trainer.stepsPerEpoch,
      progress: ProgressState(
        epoch: trainer.progress.step / trainer.stepsPerEpoch + 1, epochs: configuration.epochs,
        step: trainer.progress.step, steps: trainer.totalSteps),
      finished: history.map { .init($0, isBest: $0.epoch == best) })
  }
}

extension DashboardState.Epoch {
  init(_ epoch: MetricsHistory.Epoch, isBest: Bool) {
    self.init(
      epoch: epoch.epoch, trainLoss: epoch.trainLoss, validationLoss: epoch.validationLoss,
      trainAccuracy: epoch.trainAccuracy, validationAccuracy: epoch.validationAccuracy,
      isBest: isBest)
  }
}
