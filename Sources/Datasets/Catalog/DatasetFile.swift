/// One of the two parts that a data set is published in.
public enum DatasetSplit: String, Sendable, CaseIterable {
  case train, test
}

/// A hash by which a file is known.
public enum Checksum: Sendable, Equatable {
  case sha256(String)
  /// Where nothing better is published.
  case sha1(String)

  /// The hash in base 16.
  public var text: String {
    switch self {
    case .sha256(let text), .sha1(let text): text
    }
  }

  /// What the hash is called.
  public var algorithm: String {
    switch self {
    case .sha256: "SHA-256"
    case .sha1: "SHA-1"
    }
  }
}

/// One file of a data set, as it is read.
public struct DatasetFile: Sendable {
  /// What it holds.
  public enum Kind: String, Sendable {
    case images, labels
    /// Labels and images in turn, as CIFAR has them.
    case records
  }

  public let split: DatasetSplit
  public let kind: Kind
  /// The name of the plain file; gzipped it is called `name.gz`.
  public let name: String
  /// The gzip file as it is published, where it is published so.
  public let gzip: PublishedGzip?
  /// The hash of the plain file, where it is known.
  public let content: Checksum?

  /// The names that the file is published by, the first choice first.
  public var names: [String] { gzip == nil ? [name] : ["\(name).gz", name] }

  /// All names that the file may have: with a dot before `idx`, as some programs unpack IDX files, too.
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

/// What is known of a gzip file in advance.
public struct PublishedGzip: Sendable {
  /// SHA-256 in base 16.
  public let sha256: String
  /// The number of bytes, where it is known.
  public let size: Int?
}

/// A file to fetch from the net for a data set.
public struct DatasetDownload: Sendable {
  public let name: String
  /// The number of bytes, where it is known.
  public let size: Int?
  /// SHA-256 in base 16.
  public let sha256: String
  /// Where it is published, the first choice first; all https.
  public let urls: [String]
  /// The files to unpack, by their paths in the archive; empty for a file that is kept as it is.
  public let members: [String]

  package init(name: String, size: Int?, sha256: String, urls: [String], members: [String] = []) {
    self.name = name
    self.size = size
    self.sha256 = sha256
    self.urls = urls
    self.members = members
  }
}

/// An archive that a data set is published as.
public struct DatasetArchive: Sendable {
  /// The name of the tar file, gzipped.
  public let name: String
  /// The number of bytes.
  public let size: Int
  /// SHA-256 in base 16.
  public let sha256: String
  /// The folder in it that holds the files.
  public let folder: String
}

/// A smaller set of the same kind that comes with the package.
public struct DatasetSample: Sendable {
  /// The name of its folder within a `data/` folder.
  public let folder: String
  /// The number of its examples, of both splits together.
  public let count: Int
  public let files: [DatasetFile]
}
