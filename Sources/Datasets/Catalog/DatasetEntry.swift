/// What is known of a data set in advance.
public struct DatasetEntry: Sendable {
  /// How its files are read.
  public enum Format: Sendable, Equatable {
    /// Images and labels in files of their own, as MNIST has them.
    ///
    /// Where images lie `transposed`, their columns are rows in the file; the labels count from
    /// `firstLabel`. EMNIST has both.
    case idx(transposed: Bool, firstLabel: UInt8)
    case cifar(CIFAR.Kind)
    /// A folder of images for each class.
    case folder
  }

  /// What `--dataset` calls it.
  public let name: String
  /// What people call it.
  public let title: String
  public let format: Format
  public let height: Int
  public let width: Int
  public let channels: Int
  public let classNames: [String]
  /// The number of examples that are published to train on.
  public let trainCount: Int
  /// The number of examples that are published to test with.
  public let testCount: Int
  /// The mean of the training pixels, scaled to 0…1, by channel.
  public let mean: [Float]
  /// Their standard deviation, likewise.
  public let std: [Float]
  public let files: [DatasetFile]
  /// Where the files, or the archive, are published, the first choice first: https URLs that end in
  /// a slash.
  public let mirrors: [String]
  /// The archive that holds the files, if they are published in one.
  public let archive: DatasetArchive?
  /// Where its files are looked for within a folder for data: the first is where they belong.
  public let folders: [String]
  /// Where the system's package manager puts it.
  public let systemFolder: String?
  /// The package that puts it there.
  public let systemPackage: String?
  public let sample: DatasetSample?

  public var classes: Int { classNames.count }

  /// Pixels scaled to 0…1 and then by the data set's own mean and standard deviation.
  public var normalization: Normalization {
    do {
      return try Normalization(mean: mean, std: std, channels: channels)
    } catch {
      preconditionFailure("\(name): \(error)")
    }
  }

  /// What to fetch to have all of it.
  public var downloads: [DatasetDownload] {
    if let archive {
      return [
        DatasetDownload(
          name: archive.name, size: archive.size, sha256: archive.sha256,
          urls: mirrors.map { $0 + archive.name },
          members: files.map { "\(archive.folder)/\($0.name)" })
      ]
    }
    return files.compactMap { file in
      guard let gzip = file.gzip else { return nil }
      return DatasetDownload(
        name: "\(file.name).gz", size: gzip.size, sha256: gzip.sha256,
        urls: mirrors.map { "\($0)\(file.name).gz" }, members: [])
    }
  }

  init(
    name: String, title: String, format: Format = .idx(transposed: false, firstLabel: 0),
    height: Int = 28, width: Int = 28, classNames: [String], trainCount: Int = 60_000,
    testCount: Int = 10_000, mean: [Float], std: [Float], files: [DatasetFile],
    mirrors: [String], archive: DatasetArchive? = nil, folders: [String]? = nil,
    systemFolder: String? = nil, systemPackage: String? = nil, sample: DatasetSample? = nil
  ) {
    precondition(
      mean.count == std.count, "\(name): \(mean.count) means, \(std.count) standard deviations")
    self.name = name
    self.title = title
    self.format = format
    self.height = height
    self.width = width
    self.channels = mean.count
    self.classNames = classNames
    self.trainCount = trainCount
    self.testCount = testCount
    self.mean = mean
    self.std = std
    self.files = files
    self.mirrors = mirrors
    self.archive = archive
    self.folders = folders ?? [name]
    self.systemFolder = systemFolder
    self.systemPackage = systemPackage
    self.sample = sample
  }

  /// The files of `split`; of IDX files the images first.
  func files(of split: DatasetSplit) -> [DatasetFile] { files.filter { $0.split == split } }
}
