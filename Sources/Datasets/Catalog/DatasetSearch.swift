#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The places in which data sets are searched, in order.
public struct DatasetSearch: Sendable {
  /// The only folder to search, with the folders of the data set's name in it: `--data-dir`.
  public var dataDirectory: String?
  /// Folders that hold a folder for each data set and sample.
  public var dataFolders: [String]
  /// The user's cache folder, which holds a folder for each data set.
  public var cacheFolder: String?
  /// True to search the folders into which the system's package manager installs data sets.
  public var searchesSystem: Bool

  public init(
    dataDirectory: String? = nil, dataFolders: [String] = [], cacheFolder: String? = nil,
    searchesSystem: Bool = false
  ) {
    self.dataDirectory = dataDirectory
    self.dataFolders = dataFolders
    self.cacheFolder = cacheFolder
    self.searchesSystem = searchesSystem
  }

  /// `data/` in the current folder, in the package of the running program and beside an installed
  /// one, the user's cache folder, and the system's folders.
  public static func standard(dataDirectory: String? = nil) -> DatasetSearch {
    return DatasetSearch(
      dataDirectory: dataDirectory, dataFolders: ProgramFolders.named("data"),
      cacheFolder: userCacheFolder(
        home: environment("HOME"), cache: environment("XDG_CACHE_HOME")),
      searchesSystem: true)
  }

  /// The folders that may hold `entry`.
  public func folders(for entry: DatasetEntry) -> [String] {
    if let dataDirectory {
      return [dataDirectory] + entry.folders.map { join(dataDirectory, $0) }
    }
    var folders = (dataFolders + (cacheFolder.map { [$0] } ?? [])).flatMap { folder in
      entry.folders.map { join(folder, $0) }
    }
    if searchesSystem, let systemFolder = entry.systemFolder { folders.append(systemFolder) }
    return folders
  }

  /// The folders that may hold `sample`; none if a single folder is given.
  func folders(for sample: DatasetSample) -> [String] {
    dataDirectory == nil ? dataFolders.map { join($0, sample.folder) } : []
  }

  /// Advice on how to get all of `entry`, as the end of a sentence.
  func advice(for entry: DatasetEntry) -> String {
    let places = (dataFolders.prefix(1) + (cacheFolder.map { [$0] } ?? []))
      .map { join($0, entry.folders[0]) }
    let names = entry.downloads.map(\.name)
    let put =
      "\(entry.archive == nil ? "put" : "unpack") \(list(names, "and")) from \(entry.mirrors[0]) "
      + (places.isEmpty ? "into a folder" : "into \(list(places, "or"))")
    let install = entry.systemPackage.map { ", install \($0)" } ?? ""
    return
      "run `swift run datasets download \(entry.name)`, \(put)\(install), or name their folder with --data-dir."
  }

  func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The folder `lecture-cnn` in the user's cache folder.
  static func userCacheFolder(home: String?, cache: String?) -> String? {
    #if canImport(Darwin)
      return home.map { "\($0)/Library/Caches/lecture-cnn" }
    #else
      // The XDG Base Directory Specification says to ignore relative paths.
      if let cache, cache.hasPrefix("/") { return "\(cache)/lecture-cnn" }
      return home.map { "\($0)/.cache/lecture-cnn" }
    #endif
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}

extension DatasetSearch {
  /// The folder that holds the test files of `entry`, with a remark if it is only the sample; nil
  /// if there is none.
  public func place(of entry: DatasetEntry) -> String? {
    guard let location = try? DatasetLocation.find(entry, split: .test, in: self) else {
      return nil
    }
    return location.directory + (location.isSample ? " (sample)" : "")
  }

  /// True if one of the places has all of `entry` and not only its sample.
  public func holds(_ entry: DatasetEntry) -> Bool {
    DatasetSplit.allCases.allSatisfy { split in
      let location = try? DatasetLocation.find(entry, split: split, in: self)
      return location?.isSample == false
    }
  }

  /// The folder into which files of `entry` are downloaded; nil if no folder is known.
  public func downloadFolder(for entry: DatasetEntry) -> String? {
    (dataDirectory ?? cacheFolder).map { join($0, entry.folders[0]) }
  }
}
