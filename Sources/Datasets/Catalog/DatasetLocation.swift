#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where the files of one split lie.
struct DatasetLocation {
  let directory: String
  /// The files, in the order of the entry's.
  let paths: [String]
  /// Whether it is the sample's folder.
  let isSample: Bool

  /// The first folder that has all files of `split`.
  ///
  /// - Throws: where only some files are found, ``DatasetError/incomplete(directory:missing:)``
  ///   rather than going on to the sample, for whoever put them there does not expect that.
  static func find(
    _ entry: DatasetEntry, split: DatasetSplit, in search: DatasetSearch
  ) throws(DatasetError) -> DatasetLocation {
    if let directory = search.dataDirectory { try checkFolder(directory) }
    let folders = search.folders(for: entry)
    let files = entry.files(of: split)
    for folder in folders {
      if let paths = paths(of: files, in: folder, search) {
        return DatasetLocation(directory: folder, paths: paths, isSample: false)
      }
    }
    for folder in folders {
      try checkPlace(folder)
      let isStarted = entry.files.contains { path(of: $0, in: folder, search) != nil }
      if isStarted, let missing = files.first(where: { path(of: $0, in: folder, search) == nil }) {
        throw .incomplete(directory: folder, missing: missing.names)
      }
    }

    try checkVersion(entry, folders, search)

    let sampleFolders = entry.sample.map { search.folders(for: $0) } ?? []
    for folder in sampleFolders {
      if let sample = entry.sample,
        let paths = paths(of: sample.files.filter { $0.split == split }, in: folder, search)
      {
        return DatasetLocation(directory: folder, paths: paths, isSample: true)
      }
    }
    if let directory = search.dataDirectory {
      throw .noFiles(
        directory: directory, name: entry.name,
        looked: files.map { $0.gzip == nil ? $0.name : "\($0.name)[.gz]" }, in: folders)
    }
    throw .nowhere(
      name: entry.name, looked: folders + sampleFolders, advice: search.advice(for: entry))
  }

  /// Tells a folder that cannot be looked into from one that is not there.
  private static func checkPlace(_ path: String) throws(DatasetError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFLNK, stat(path, &status) != 0 {
      throw .folder(path, .danglingLink)
    }
    if status.st_mode & S_IFMT == S_IFDIR, access(path, X_OK) != 0 {
      throw .folder(path, .unreadable)
    }
  }

  /// Tells a version of CIFAR that is not read from no data at all.
  private static func checkVersion(
    _ entry: DatasetEntry, _ folders: [String], _ search: DatasetSearch
  ) throws(DatasetError) {
    guard case .cifar(let kind) = entry.format, let archive = entry.archive else { return }
    for folder in folders {
      for version in kind.otherVersions {
        for name in [version.file, "\(version.folder)/\(version.file)", version.archive] {
          let path = search.join(folder, name)
          var status = stat()
          if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
            throw .otherVersion(
              path: path, version: version.title, entry: entry.name, archive: archive.name)
          }
        }
      }
    }
  }

  static func checkFolder(_ path: String) throws(DatasetError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      switch errno {
      case ENOENT, ENOTDIR: throw .folder(path, .missing)
      case EACCES: throw .folder(path, .unreadable)
      default: throw .folder(path, .failed(String(cString: strerror(errno))))
      }
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .folder(path, .file)
    }
  }

  /// The paths of all of `files` in `folder`, nil where one is missing.
  private static func paths(
    of files: [DatasetFile], in folder: String, _ search: DatasetSearch
  ) -> [String]? {
    let paths = files.compactMap { path(of: $0, in: folder, search) }
    return paths.count == files.count ? paths : nil
  }

  /// The path of `file` in `folder`, if anything of that name is there, a dangling link included.
  private static func path(
    of file: DatasetFile, in folder: String, _ search: DatasetSearch
  ) -> String? {
    file.allNames.lazy.map { search.join(folder, $0) }.first { path in
      var status = stat()
      return lstat(path, &status) == 0
    }
  }
}
