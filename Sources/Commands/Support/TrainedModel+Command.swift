import Checkpoints
import Files
import Tensors
import Training

extension TrainedModel {
  /// Reads the network of a run directory or a file, and shows warnings.
  ///
  /// - Parameter best: true for `--best`, which needs a run directory with a best checkpoint.
  static func forCommand(_ source: String, best: Bool) throws -> TrainedModel {
    if best { try checkBest(source) }
    let trained = try TrainedModel(source, best: best)
    for warning in trained.warnings { Notice.warning(warning) }
    return trained
  }

  /// - Throws: ``Failure`` if an evaluation needs more memory than there is.
  func checkEvaluationMemory(in context: Context) throws {
    if let problem = Configuration.evaluationProblem(of: network, in: context) {
      throw Failure(.badData, "\(path): \(problem). Free some memory.")
    }
  }

  private static func checkBest(_ source: String) throws {
    let store = CheckpointStore(directory: "\(source)/checkpoints")
    guard OutputFile.isFolder(source) else {
      guard OutputFile.exists(source) else { return }
      throw Failure(
        .usage,
        "--best: \(source) is a file (expected a run directory, whose best checkpoint it takes). "
          + "Leave --best out.")
    }
    guard OutputFile.isFolder(store.directory), !OutputFile.exists(store.bestPath) else { return }
    let newest = try TrainedModel(source, best: false)
    let hasValidation = newest.configuration.validationCount != 0
    throw Failure(
      .badData,
      "\(source): there is no best checkpoint, as "
        + (hasValidation
          ? "no epoch has ended yet" : "the run kept no examples for validation")
        + ". Leave --best out to take the newest one.")
  }
}
