/// The data sets with a name.
///
/// Checksums and sizes are from TensorFlow Datasets, torchvision, MXNet and Git LFS pointers in
/// public repositories. A value that nobody publishes is nil.
public enum Catalog {
  /// In alphabetical order.
  public static let entries: [DatasetEntry] =
    [cifar10, cifar100, cifar100Coarse] + emnist + [fashionMNIST, kmnist, mnist]

  /// The names that ``entry(named:)`` accepts, in alphabetical order.
  public static var names: [String] { entries.map(\.name) }

  public static func entry(named name: String) throws(DatasetError) -> DatasetEntry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      throw .unknownName(name, known: Dataset.names)
    }
    return entry
  }

  /// The two IDX files of each split. The known values are in the order training images, training
  /// labels, test images, test labels.
  ///
  /// - Parameter stems: the prefixes of the names of each split's files.
  static func idxFiles(
    stems: (train: String, test: String) = ("train", "t10k"), gzip: [PublishedGzip],
    content: [String]? = nil
  ) -> [DatasetFile] {
    let kinds: [(DatasetSplit, DatasetFile.Kind, String)] = [
      (.train, .images, "\(stems.train)-images-idx3-ubyte"),
      (.train, .labels, "\(stems.train)-labels-idx1-ubyte"),
      (.test, .images, "\(stems.test)-images-idx3-ubyte"),
      (.test, .labels, "\(stems.test)-labels-idx1-ubyte"),
    ]
    return kinds.enumerated().map { number, file in
      DatasetFile(
        split: file.0, kind: file.1, name: file.2, gzip: gzip[number],
        content: content.map { .sha256($0[number]) })
    }
  }
}
