import Datasets
import Files
import Training

extension RecordedData {
  /// Holds the runs of one series to one data set.
  ///
  /// - Parameter prefix: how the names of the runs' directories in `directory` begin.
  /// - Throws: ``Failure`` if a run there had other data than these.
  static func check(
    runsIn directory: String, named prefix: String, train: LoadedSplit, test: LoadedSplit
  ) throws {
    let names = (try? OutputFile.names(in: directory)) ?? []
    for run in names.filter({ $0.hasPrefix(prefix) }).sorted().map({ "\(directory)/\($0)" }) {
      guard OutputFile.exists("\(run)/checkpoints"), let data = RecordedData(ofRun: run),
        !data.isOf(train: train, test: test)
      else { continue }
      throw Failure(
        .usage,
        "\(run): the run had other data (found the files in \(train.directory), expected those that "
          + "were in \(data.directory)). Choose another --run-dir or --data-dir.")
    }
  }
}
