import Files
import Terminal
import Training

/// `train --fast-dev-run`: the whole path of a run in one step, in a folder that is thrown away.
struct OneStepRun {
  let given: [(key: String, value: String)]
  let recipe: Recipe?
  let download: DownloadOptions
  let progress: ProgressDisplay.Mode

  func execute() throws -> ExitStatus {
    let folder = try ThrowawayFolder()
    defer { folder.remove() }
    let session = try TrainingSession(
      given: given, recipe: recipe, runDirectory: "\(folder.path)/run", download: download,
      progress: progress, purpose: .oneStep)
    let status = try session.execute()
    guard status == .done else { return status }
    try session.writeReport()
    try RunOutput().write(
      "the whole path works: one step of training, "
        + (session.run.trainer.data.validation.isEmpty ? "" : "a validation, ")
        + "checkpoints, a test and a report; nothing is kept\n")
    return .done
  }
}
