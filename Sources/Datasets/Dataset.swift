/// One split of a data set, in memory, and where it came from.
public struct LoadedSplit: Sendable {
  /// One of the files that it was read from.
  public struct File: Sendable, Equatable {
    public let path: String
    /// SHA-256 of the content, decompressed, in base 16.
    public let sha256: String
  }

  public let entry: DatasetEntry
  public let split: DatasetSplit
  public let images: ImageSet
  /// The images file and the labels file.
  public let files: [File]
  /// The folder that holds the files.
  public let directory: String
  /// Whether this is the small sample that comes with the package instead of the whole data set.
  public let isSample: Bool
  /// Whether every file is the published one, by its SHA-256.
  public let isVerified: Bool
  /// Sentences for the user: that this is a sample and how to get the rest, or that it is not the
  /// published data.
  public let notices: [String]
}

/// Finds and reads data sets.
public enum Dataset {
  /// Loads the data set called `name` from where it is found first.
  ///
  /// - Parameter dataDirectory: the only place to look in, if not nil.
  public static func load(
    name: String, split: DatasetSplit, dataDirectory: String? = nil
  ) throws(DatasetError) -> LoadedSplit {
    try load(name: name, split: split, search: .standard(dataDirectory: dataDirectory))
  }

  /// Loads the data set called `name` from where `search` finds it first; where it is in none of
  /// the places, the sample of it that comes with the package, if there is one.
  public static func load(
    name: String, split: DatasetSplit, search: DatasetSearch
  ) throws(DatasetError) -> LoadedSplit {
    let entry = try Catalogue.entry(named: name)
    let location = try DatasetLocation.find(entry, split: split, in: search)
    let imagesPath = location.paths[0]
    let imagesFile = try read(imagesPath)
    let images = try inFile(imagesPath) { () throws(IDXError) in try IDX.images(imagesFile) }
    let expected = [entry.height, entry.width]
    let size = Array(images.extents.dropFirst())
    guard size == expected else {
      throw .imageSize(path: imagesPath, found: size, expected: expected)
    }

    let labelsPath = location.paths[1]
    let labelsFile = try read(labelsPath)
    let labels = try inFile(labelsPath) { () throws(IDXError) in
      try IDX.labels(labelsFile, classes: entry.classes)
    }
    guard labels.count == images.count else {
      throw .labelCount(path: labelsPath, labels: labels.count, images: images.count)
    }

    let contents = [images.sha256, labels.sha256]
    let sampleFiles = entry.sample?.files.filter { $0.split == split } ?? []
    let isSample = location.isSample || sampleFiles.map(\.contentSHA256) == contents
    let notices = mismatches(
      of: [imagesFile, labelsFile], contents: contents, paths: location.paths,
      with: isSample ? sampleFiles : entry.files(of: split))

    return LoadedSplit(
      entry: entry, split: split,
      images: ImageSet(
        height: entry.height, width: entry.width, channels: entry.channels,
        classes: entry.classes, pixels: images.data, labels: labels.data),
      files: zip(location.paths, contents).map { .init(path: $0, sha256: $1) },
      directory: location.directory, isSample: isSample, isVerified: notices.isEmpty,
      notices: (isSample ? [sampleNotice(entry, location, search)] : []) + notices)
  }

  /// A sentence for each of `files` that is not the published one.
  private static func mismatches(
    of files: [[UInt8]], contents: [String], paths: [String], with published: [DatasetFile]
  ) -> [String] {
    published.indices.compactMap { number in
      let file = published[number]
      // Anyone may compress again, so the content counts, where its hash is known.
      let (name, found, expected) =
        if let known = file.contentSHA256 {
          (file.name, contents[number], known)
        } else {
          ("\(file.name).gz", IDX.sha256(of: [files[number]]), file.gzipSHA256)
        }
      guard found != expected else { return nil }
      return "\(paths[number]): not the published \(name) "
        + "(found SHA-256 \(found), expected \(expected))."
    }
  }

  private static func sampleNotice(
    _ entry: DatasetEntry, _ location: DatasetLocation, _ search: DatasetSearch
  ) -> String {
    "\(location.directory): a sample of \(entry.sample?.count ?? 0) examples, not the whole of "
      + "\(entry.title). For the whole, \(search.advice(for: entry))"
  }

  private static func read(_ path: String) throws(DatasetError) -> [UInt8] {
    do throws(InputFileProblem) {
      return try InputFile.read(path, limit: IDX.largestFileCount)
    } catch {
      throw .file(path: path, error)
    }
  }

  private static func inFile(
    _ path: String, _ parse: () throws(IDXError) -> IDX.Content
  ) throws(DatasetError) -> IDX.Content {
    do throws(IDXError) { return try parse() } catch { throw .content(path: path, error) }
  }
}
