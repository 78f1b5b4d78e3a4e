#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The place of the files of one split.
struct DatasetLocation {
  let directory: String
  /// The files, in the entry's order.
  let paths: [String]
  /// True if this is the sample's folder.
  let isSample: Bool

  /// The first folder that has all files of `split`.
  ///
  /// - Throws: ``DatasetError/incomplete(directory:missing:)`` if a folder has some of the files
  ///   only. The sample does not replace it, because the user who put the files there does not
  ///   expect that.
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

  /// Throws if a folder exists but cannot be read; a missing folder is no error.
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

  /// Throws if a folder holds a version of CIFAR that is not supported.
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

  /// The paths of all `files` in `folder`; nil if one is missing.
  private static func paths(
    of files: [DatasetFile], in folder: String, _ search: DatasetSearch
  ) -> [String]? {
    let paths = files.compactMap { path(of: $0, in: folder, search) }
    return paths.count == files.count ? paths : nil
  }

  /// The path of `file` in `folder`, if anything has that name, including a dangling link.
  private static func path(
    of file: DatasetFile, in folder: String, _ search: DatasetSearch
  ) -> String? {
    file.allNames.lazy.map { search.join(folder, $0) }.first { path in
      var status = stat()
      return lstat(path, &status) == 0
    }
  }
}
