/// One split of a data set, in memory, and where it came from.
public struct LoadedSplit: Sendable {
  /// One of the files that it was read from.
  public struct File: Sendable, Equatable {
    public let path: String
    /// SHA-256 of the content, decompressed, in base 16; of a folder of images, that of the list
    /// of its files and their hashes.
    public let sha256: String
    /// Whether it is the published one, by its hash.
    public let isPublished: Bool

    public init(path: String, sha256: String, isPublished: Bool = false) {
      self.path = path
      self.sha256 = sha256
      self.isPublished = isPublished
    }
  }

  public let entry: DatasetEntry
  public let split: DatasetSplit
  public let images: ImageSet
  /// The files, in the order of the entry's.
  public let files: [File]
  /// The folder that holds the files.
  public let directory: String
  /// Whether this is the small sample that comes with the package instead of the whole data set.
  public let isSample: Bool
  /// Whether every file is the published one, by its hash.
  public let isVerified: Bool
  /// Sentences for the user: that this is a sample and how to get the rest, or that it is not the
  /// published data.
  public let notices: [String]
}
