/// One of the two parts that a data set is published in.
public enum DatasetSplit: String, Sendable, CaseIterable {
  case train, test
}

/// One file of a data set, as it is published.
public struct DatasetFile: Sendable {
  public let split: DatasetSplit
  public let kind: IDX.Kind
  /// The name of the plain file; gzipped it is called `name.gz`.
  public let name: String
  /// SHA-256 of the gzip file as it is published, in base 16.
  public let gzipSHA256: String
  /// SHA-256 of the plain file, in base 16, where it is known.
  public let contentSHA256: String?

  /// The names that the file may have, the first choice first.
  public var names: [String] { ["\(name).gz", name] }
}

/// A smaller set of the same kind that comes with the package.
public struct DatasetSample: Sendable {
  /// The name of its folder within a `data/` folder.
  public let folder: String
  /// The number of its examples, of both splits together.
  public let count: Int
  public let files: [DatasetFile]
}

/// What is known of a data set in advance.
public struct DatasetEntry: Sendable {
  /// What `--dataset` calls it.
  public let name: String
  /// What people call it.
  public let title: String
  public let height: Int
  public let width: Int
  public let channels: Int
  public let classNames: [String]
  /// The mean of the training pixels, scaled to 0…1, by channel.
  public let mean: [Float]
  /// Their standard deviation, likewise.
  public let deviation: [Float]
  public let files: [DatasetFile]
  /// Where it is published.
  public let origin: String
  /// Where the system's package manager puts it.
  public let systemFolder: String?
  /// The package that puts it there.
  public let systemPackage: String?
  public let sample: DatasetSample?

  public var classes: Int { classNames.count }

  /// Pixels scaled to 0…1 and then by the data set's own mean and standard deviation.
  public var normalization: Normalization {
    do {
      return try Normalization(mean: mean, deviation: deviation, channels: channels)
    } catch {
      preconditionFailure("\(name): \(error)")
    }
  }

  init(
    name: String, title: String, height: Int = 28, width: Int = 28, classNames: [String],
    mean: Float, deviation: Float, files: [DatasetFile], origin: String,
    systemFolder: String? = nil, systemPackage: String? = nil, sample: DatasetSample? = nil
  ) {
    self.name = name
    self.title = title
    self.height = height
    self.width = width
    self.channels = 1
    self.classNames = classNames
    self.mean = [mean]
    self.deviation = [deviation]
    self.files = files
    self.origin = origin
    self.systemFolder = systemFolder
    self.systemPackage = systemPackage
    self.sample = sample
  }

  /// The files of `split`, images first.
  func files(of split: DatasetSplit) -> [DatasetFile] { files.filter { $0.split == split } }
}
