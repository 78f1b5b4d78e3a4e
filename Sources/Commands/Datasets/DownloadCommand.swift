import ArgumentParser
import Datasets
import Terminal
import Training

/// `swift run datasets download`: downloads the files of a data set.
struct DownloadCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "download", abstract: "Download a data set, or what is missing of it.",
    discussion: """
      The files go into the user's cache folder, where every command finds them, or into a folder of \
      the data set's name in --data-dir. A download that was stopped goes on where it was.
      """)

  @Argument(
    help: "The data set: a name of `datasets list`.", completion: Setting.completion("dataset"))
  var name: String
  @Option(help: "The folder for the data set's folder.")
  var dataDir: String?
  @Option(help: "The only address to download from; http only to this computer.")
  var mirror: String?
  @Option(help: "How to show progress: auto, bar, plain or none.")
  var progress: Progress = .auto

  /// The modes of `ProgressDisplay` that show more than runs.
  enum Progress: String, CaseIterable, ExpressibleByArgument {
    case auto, bar, plain, none

    var mode: ProgressDisplay.Mode {
      switch self {
      case .auto: .auto
      case .bar: .bar
      case .plain: .plain
      case .none: .none
      }
    }
  }

  func validate() throws {
    if dataDir == "" {
      throw ValidationError("--data-dir: invalid value (found “”, expected a path).")
    }
  }

  func execute() throws -> ExitStatus {
    let entry = try Catalog.entry(named: name)
    var search = DatasetSearch.standard()
    if let dataDir { search.dataDirectory = dataDir }
    let downloads = DatasetDownloads(search: search, mirror: mirror, progress: progress.mode)
    let (folder, wasFetched) = try downloads.fetch(entry)
    if mirror != nil && !wasFetched {
      Notice.warning("--mirror changes nothing: \(name) is complete already.")
    }
    try StandardStream.output.write(
      "\(entry.title) is \(wasFetched ? "" : "already ")in \(folder)\n")
    return .done
  }
}
