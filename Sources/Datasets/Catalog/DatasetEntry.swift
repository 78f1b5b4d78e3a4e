/// Everything that is known of a data set in advance.
public struct DatasetEntry: Sendable {
  /// The format of the files.
  public enum Format: Sendable, Equatable {
    /// Images and labels in separate files, as for MNIST.
    ///
    /// If `transposed`, the rows in the file are the columns of the image. Labels start at
    /// `firstLabel`. EMNIST uses both.
    case idx(transposed: Bool, firstLabel: UInt8)
    case cifar(CIFAR.Kind)
    /// A folder of images for each class.
    case folder
  }

  /// The name for `--dataset`.
  public let name: String
  /// The name for people.
  public let title: String
  public let format: Format
  public let height: Int
  public let width: Int
  public let channels: Int
  public let classNames: [String]
  /// The number of published training examples.
  public let trainCount: Int
  /// The number of published test examples.
  public let testCount: Int
  /// The mean of the training pixels scaled to 0…1, by channel.
  public let mean: [Float]
  /// The std of the training pixels scaled to 0…1, by channel.
  public let std: [Float]
  public let files: [DatasetFile]
  /// The folders that publish the files or the archive, in order of preference: https URLs that end
  /// in a slash.
  public let mirrors: [String]
  /// The archive that holds the files, if they are published in one.
  public let archive: DatasetArchive?
  /// The folders to search within a folder for data; files are downloaded into the first one.
  public let folders: [String]
  /// The folder into which the system's package manager installs the data set.
  public let systemFolder: String?
  /// The system's package with the data set.
  public let systemPackage: String?
  public let sample: DatasetSample?

  public var classes: Int { classNames.count }

  /// Scales pixels to 0…1 and normalizes them by the data set's own mean and std.
  public var normalization: Normalization {
    do {
      return try Normalization(mean: mean, std: std, channels: channels)
    } catch {
      preconditionFailure("\(name): \(error)")
    }
  }

  /// The files to download for the complete data set.
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

  /// The files of `split`; images come before labels.
  func files(of split: DatasetSplit) -> [DatasetFile] { files.filter { $0.split == split } }
}
