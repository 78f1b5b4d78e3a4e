import Files

/// Finds and reads data sets.
public enum Dataset {
  /// The names for `--dataset`: the catalog's names, and `folder` for a folder of images.
  public static let names = Catalog.names + [imagesName]

  /// The name of a folder of images for `--dataset`.
  public static let imagesName = ImageFolder.name

  /// Loads the data set called `name` from the first place that has it.
  ///
  /// - `dataDirectory`: the only folder to search; nil for the usual places.
  /// - `images`: options for reading a folder of images.
  public static func load(
    name: String, split: DatasetSplit, dataDirectory: String? = nil,
    images: ImageOptions = ImageOptions()
  ) throws(DatasetError) -> LoadedSplit {
    try load(
      name: name, split: split, search: .standard(dataDirectory: dataDirectory), images: images)
  }

  /// Loads the data set called `name` from the first place in `search` that has it. If no place has
  /// it, its sample in the package is loaded, if there is one.
  public static func load(
    name: String, split: DatasetSplit, search: DatasetSearch,
    images: ImageOptions = ImageOptions()
  ) throws(DatasetError) -> LoadedSplit {
    if name == ImageFolder.name {
      guard let directory = search.dataDirectory else { throw .imagesNowhere }
      return try ImageFolder.load(directory, splits: [split], options: images)[0]
    }
    let entry = try Catalog.entry(named: name)
    let location = try DatasetLocation.find(entry, split: split, in: search)
    try checkMemory(location.paths)
    let (images, sources) =
      switch entry.format {
      case .idx(let transposed, let firstLabel):
        try idx(entry, split, location.paths, isTransposed: transposed, firstLabel: firstLabel)
      case .cifar(let kind): try cifar(entry, split, location.paths, kind)
      case .folder: preconditionFailure("\(name) is no folder of images")
      }

    let sampleFiles = entry.sample?.files.filter { $0.split == split } ?? []
    let isSample =
      location.isSample
      || sampleFiles.map(\.content) == sources.map { Checksum.sha256($0.sha256) }
    let published = isSample ? sampleFiles : entry.files(of: split)
    let mismatches = zip(sources, published).map { $0.mismatch(with: $1) }
    let notices = mismatches.compactMap { $0 }
    return LoadedSplit(
      entry: entry, split: split, images: images,
      files: zip(sources, mismatches).map {
        .init(path: $0.path, sha256: $0.sha256, isPublished: $1 == nil)
      },
      directory: location.directory, isSample: isSample, isVerified: notices.isEmpty,
      notices: (isSample ? [sampleNotice(entry, location, search)] : []) + notices)
  }

  /// Loads both splits of the data set called `name`. Of a folder of images, each file is decoded once,
  /// and the error names the unreadable files of both splits.
  public static func loadBoth(
    name: String, dataDirectory: String? = nil, images: ImageOptions = ImageOptions()
  ) throws(DatasetError) -> (train: LoadedSplit, test: LoadedSplit) {
    if name == ImageFolder.name {
      guard let dataDirectory else { throw .imagesNowhere }
      let splits = try ImageFolder.load(dataDirectory, splits: [.train, .test], options: images)
      return (splits[0], splits[1])
    }
    func load(_ split: DatasetSplit) throws(DatasetError) -> LoadedSplit {
      try Self.load(name: name, split: split, dataDirectory: dataDirectory, images: images)
    }
    return (try load(.train), try load(.test))
  }

  /// The identity of the training examples of the data set called `name`.
  public static func trainingIdentity(
    name: String, dataDirectory: String?, images: ImageOptions
  ) throws(DatasetError) -> DataIdentity {
    guard name == ImageFolder.name else {
      return try load(name: name, split: .train, dataDirectory: dataDirectory).identity
    }
    guard let dataDirectory else { throw .imagesNowhere }
    return try ImageFolder.trainingIdentity(dataDirectory, options: images)
  }

  private static func sampleNotice(
    _ entry: DatasetEntry, _ location: DatasetLocation, _ search: DatasetSearch
  ) -> String {
    "\(location.directory): a sample of \(entry.sample?.count ?? 0) examples, not the whole of "
      + "\(entry.title). For the whole, \(search.advice(for: entry))"
  }

  /// The properties of a file that was read.
  struct Source: Sendable {
    let path: String
    /// SHA-256 of the decompressed content.
    let sha256: String
    /// The file's hash of another kind, if the published file is known by such a hash.
    private let other: String?

    /// - Parameters:
    ///   - bytes: the content of the file at `path`, gzipped or plain.
    ///   - file: the published file.
    init(_ path: String, _ bytes: [UInt8], sha256: String, as file: DatasetFile) {
      self.path = path
      self.sha256 = sha256
      switch (file.content, file.gzip) {
      case (.sha1?, _): other = Hash.sha1(of: bytes)
      case (nil, .some): other = Hash.sha256(of: [bytes])
      default: other = nil
      }
    }

    /// A sentence for the user if the file is not the published one.
    func mismatch(with published: DatasetFile) -> String? {
      let (name, found, expected): (String, String?, Checksum)
      // Anyone may compress the file again, so the hash of the content decides, if it is known.
      switch (published.content, published.gzip) {
      case (.sha256(let hash)?, _):
        (name, found, expected) = (published.name, sha256, .sha256(hash))
      case (.sha1(let hash)?, _): (name, found, expected) = (published.name, other, .sha1(hash))
      case (nil, let gzip?):
        (name, found, expected) = ("\(published.name).gz", other, .sha256(gzip.sha256))
      case (nil, nil): return nil
      }
      guard found != expected.text else { return nil }
      return "\(path): not the published \(name) "
        + "(found \(expected.algorithm) \(found ?? sha256), expected \(expected.text))."
    }
  }

  static func read(_ path: String, limit: Int) throws(DatasetError) -> [UInt8] {
    do throws(InputFileProblem) { return try InputFile.read(path, limit: limit) } catch {
      throw .file(path: path, error)
    }
  }
}
