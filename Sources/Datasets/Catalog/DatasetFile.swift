/// One of the two published parts of a data set.
public enum DatasetSplit: String, Sendable, CaseIterable {
  case train, test
}

/// A published hash of a file.
public enum Checksum: Sendable, Equatable {
  case sha256(String)
  /// Used if no better hash is published.
  case sha1(String)

  /// The hash in base 16.
  public var text: String {
    switch self {
    case .sha256(let text), .sha1(let text): text
    }
  }

  /// The name of the hash function.
  public var algorithm: String {
    switch self {
    case .sha256: "SHA-256"
    case .sha1: "SHA-1"
    }
  }
}

/// One file of a data set that the program reads.
public struct DatasetFile: Sendable {
  /// The content of a file.
  public enum Kind: String, Sendable {
    case images, labels
    /// Labels and images alternate, as for CIFAR.
    case records
  }

  public let split: DatasetSplit
  public let kind: Kind
  /// The name of the decompressed file; the compressed one is called `name.gz`.
  public let name: String
  /// The published gzip file, if there is one.
  public let gzip: PublishedGzip?
  /// The hash of the decompressed file, if known.
  public let content: Checksum?

  /// The names of the published forms of the file, in order of preference.
  public var names: [String] { gzip == nil ? [name] : ["\(name).gz", name] }

  /// All names that the file may have. Some programs unpack IDX files with a dot before `idx`.
  var allNames: [String] {
    let parts = name.split(separator: "-")
    guard gzip != nil, let place = parts.firstIndex(where: { $0.hasPrefix("idx") }) else {
      return names
    }
    let stem = parts[..<place].joined(separator: "-")
    let dotted = "\(stem).\(parts[place...].joined(separator: "-"))"
    return names + ["\(dotted).gz", dotted]
  }
}

/// The properties of a published gzip file.
public struct PublishedGzip: Sendable {
  /// SHA-256 in base 16.
  public let sha256: String
  /// The number of bytes, if known.
  public let size: Int?
}

/// A file to download for a data set.
public struct DatasetDownload: Sendable {
  public let name: String
  /// The number of bytes, if known.
  public let size: Int?
  /// SHA-256 in base 16.
  public let sha256: String
  /// The published addresses, in order of preference; all https.
  public let urls: [String]
  /// The files to unpack, as paths in the archive; empty if the file is not an archive.
  public let members: [String]

  package init(name: String, size: Int?, sha256: String, urls: [String], members: [String] = []) {
    self.name = name
    self.size = size
    self.sha256 = sha256
    self.urls = urls
    self.members = members
  }
}

/// A published archive of a data set.
public struct DatasetArchive: Sendable {
  /// The name of the gzipped tar file.
  public let name: String
  /// The number of bytes.
  public let size: Int
  /// SHA-256 in base 16.
  public let sha256: String
  /// The folder in the archive that holds the files.
  public let folder: String
}

/// A smaller part of a data set that is included in the package.
public struct DatasetSample: Sendable {
  /// The name of its folder within a `data/` folder.
  public let folder: String
  /// The total number of examples of both splits.
  public let count: Int
  public let files: [DatasetFile]
}
