/// One split of a data set in memory, and its origin.
public struct LoadedSplit: Sendable {
  /// A file that was read.
  public struct File: Sendable, Equatable {
    public let path: String
    /// SHA-256 of the decompressed content, in base 16; for a folder of images, the SHA-256 of the
    /// list of its files and their hashes.
    public let sha256: String
    /// True if its hash is that of the published file.
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
  /// The files, in the entry's order.
  public let files: [File]
  /// The folder that holds the files.
  public let directory: String
  /// True if this is the small sample in the package and not the whole data set.
  public let isSample: Bool
  /// True if the hash of every file is that of the published file.
  public let isVerified: Bool
  /// Sentences for the user: that this is a sample and how to get all of the data, or that it
  /// differs from the published data.
  public let notices: [String]
  /// The file of each image, within ``directory``; nil if images have no files of their own.
  public internal(set) var fileNames: [String]?
  /// True if a seed divided the images into the splits, and they have no parts of their own.
  public internal(set) var isSplitBySeed = false
  /// True if the background shows through a transparent pixel of an image.
  public internal(set) var isTransparent = false
  /// True if files of a folder cannot be read and were left out.
  public internal(set) var leavesFilesOut = false
}
