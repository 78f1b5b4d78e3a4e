import Datasets
import Downloads
import Terminal

/// Gets the files of data sets that are not on this computer, and shows how that goes.
struct DatasetDownloads {
  private let search: DatasetSearch
  private let mirror: String?
  private let mode: ProgressDisplay.Mode

  init(
    search: DatasetSearch, mirror: String? = nil, progress: ProgressDisplay.Mode = .auto
  ) {
    self.search = search
    self.mirror = mirror
    mode = progress
  }

  /// Downloads into the user's cache folder what a command needs that is about to load the data set
  /// called `name`.
  ///
  /// Nothing is downloaded where one folder is the only one to look in, nor with `--no-download`. Where
  /// a download fails and a sample of the data comes with the package, a warning tells, and the sample
  /// has to do.
  ///
  /// - Parameter sampleWillDo: whether not even to try where there is a sample.
  static func prepare(
    _ name: String, dataDirectory: String?, options: DownloadOptions, sampleWillDo: Bool = false,
    progress: ProgressDisplay.Mode = .auto
  ) throws {
    guard let entry = try? Catalog.entry(named: name), dataDirectory == nil, !options.noDownload
    else { return }
    let search = DatasetSearch.standard()
    let hasSample = search.place(of: entry) != nil
    guard !search.holds(entry), search.downloadFolder(for: entry) != nil,
      !(sampleWillDo && hasSample)
    else { return }
    let downloads = DatasetDownloads(search: search, mirror: options.mirror, progress: progress)
    do { try downloads.fetch(entry) } catch let error as DownloadError {
      switch error {
      case .noMirror, .output, .lock:
        guard hasSample else { throw error }
        Notice.warning("\(error)")
      case .mirror, .interrupted, .archive, .unreadable: throw error
      }
    }
  }

  /// Downloads what is missing of `entry` to where such files belong.
  ///
  /// - Returns: the folder, and whether there was anything to fetch.
  @discardableResult
  func fetch(_ entry: DatasetEntry) throws -> (folder: String, wasFetched: Bool) {
    guard let folder = search.downloadFolder(for: entry) else {
      throw Failure(
        .cannotWrite,
        "\(entry.name): there is no folder to download it into (found no HOME in the environment). "
          + "Name one with `swift run datasets download \(entry.name) --data-dir DIR`.")
    }
    var downloader = Downloader()
    downloader.mirror = mirror
    downloader.isInterrupted = { SignalFlag.wish != nil }
    let display = DownloadDisplay(mode: mode)
    downloader.report = display.show
    defer { display.end() }
    let wasFetched = try SignalFlag.during { () throws(DownloadError) in
      try downloader.fetch(entry.downloads, into: folder)
    }
    return (folder, wasFetched)
  }
}
