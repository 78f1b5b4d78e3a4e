import Training

extension EvaluationData {
  /// Loads the examples of a split, downloads missing files, and shows warnings about the data.
  ///
  /// - Parameters:
  ///   - dataset: the value of `--dataset`; nil for the data set that the network was trained on.
  ///   - dataDir: the value of `--data-dir`; nil for the folder of the run.
  static func forCommand(
    _ trained: TrainedModel, dataset: String? = nil, dataDir: String?,
    split: EvaluationSplit = .test, skipUnreadable: Bool, download: DownloadOptions
  ) throws -> EvaluationData {
    let name = dataset ?? trained.model.dataset
    let isOwn = name == trained.model.dataset
    let folder = dataDir ?? (isOwn ? trained.dataDirectory : nil)
    try DatasetDownloads.prepare(
      name, dataDirectory: folder, options: download, sampleWillDo: trained.isOfSample && isOwn)
    let data = try EvaluationData(
      of: trained, name: name, folder: folder, split: split, skippingUnreadable: skipUnreadable)
    for notice in data.notices { Notice.warning(notice) }
    return data
  }
}

extension Notice {
  /// Warns about a given `--skip-unreadable` if no file of `data` was left out.
  static func tellIdleSkipping(_ isGiven: Bool, _ data: [EvaluationData]) {
    guard isGiven, !data.contains(where: \.leavesFilesOut) else { return }
    warning("--skip-unreadable changes nothing: every file can be read.")
  }
}
