import Reports
import Terminal
import Training

/// A report on an evaluated network, as JSON and as text.
struct EvaluationReport {
  let json: String
  let text: String

  init(_ outcome: Evaluator.Outcome, of trained: TrainedModel) {
    if let predictions = outcome.predictions {
      let report = ClassificationReport(
        labels: outcome.labels, predictions: predictions, losses: outcome.losses,
        classNames: trained.model.classNames)
      json = report.json
      text = report.consoleText(width: StandardStream.output.columns ?? 100)
    } else {
      let report = ReconstructionReport(
        labels: outcome.labels, losses: outcome.losses, classNames: trained.model.classNames)
      json = report.json
      text = report.consoleText(lossName: trained.configuration.loss.rawValue)
    }
  }
}
