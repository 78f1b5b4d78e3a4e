import Datasets
import Downloads
import Terminal

/// Downloads missing data sets and shows the progress.
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

  /// Downloads missing files of the data set called `name` into the user's cache folder, before a
  /// command loads the data set.
  ///
  /// Nothing is downloaded if `dataDirectory` is given, or with `--no-download`. If a download
  /// fails and the package has a sample of the data, a warning is shown and the sample is used.
  ///
  /// - Parameter sampleWillDo: true to download nothing if there is a sample.
  static func prepare(
    _ name: String, dataDirectory: String?, options: DownloadOptions, sampleWillDo: Bool = false,
    progress: ProgressDisplay.Mode = .auto
  ) throws {
    tellIdle(options, because: reasonForNone(name, dataDirectory: dataDirectory))
    guard let entry = try? Catalog.entry(named: name), dataDirectory == nil, !options.noDownload
    else { return }
    let search = DatasetSearch.standard()
    if search.holds(entry) { tellIdle(options, because: "\(name) is on this computer already") }
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

  /// Why nothing is ever downloaded for the data set called `name`; nil if something may be.
  private static func reasonForNone(_ name: String, dataDirectory: String?) -> String? {
    if name == Dataset.imagesName { return "a folder of images is not downloaded" }
    return dataDirectory.map { "the data are read from \($0) and not downloaded" }
  }

  /// Warns about a given option for downloads if there is a reason that nothing is downloaded.
  private static func tellIdle(_ options: DownloadOptions, because reason: String?) {
    guard let reason else { return }
    for flag in [
      options.mirror.map { _ in "--mirror" }, options.noDownload ? "--no-download" : nil,
    ] {
      if let flag { Notice.warning("\(flag) changes nothing: \(reason).") }
    }
  }

  /// Downloads missing files of `entry` into its folder.
  ///
  /// - Returns: the folder, and true if files were missing.
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
