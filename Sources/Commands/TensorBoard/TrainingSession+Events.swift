import Files
import Training

extension TrainingSession {
  /// The recorder of `--tensorboard`. If its files cannot be written, the run goes on without them.
  func startEvents() -> EventRecorder? {
    guard configuration.writesEvents else { return nil }
    do throws(OutputFileError) {
      let events = try EventRecorder(run, tests: tests)
      run.recorder = events
      return events
    } catch {
      run.warning("\(error)")
      return nil
    }
  }
}
