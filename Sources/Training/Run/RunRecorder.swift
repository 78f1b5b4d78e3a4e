import Files

/// Records a run for another program, beside the run's own files.
///
/// What is recorded before a checkpoint must be on the disk when the checkpoint is, so that a resumed run can
/// continue it.
public protocol RunRecorder: AnyObject {
  func record(_ step: StepReport)
  /// Called after the validation, while the network is as the epoch's checkpoint will have it.
  func record(_ epoch: EpochReport)
  /// Brings everything recorded so far to the disk.
  func synchronize() throws(OutputFileError)
}
