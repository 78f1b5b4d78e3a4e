/// CIFAR's binary format (Krizhevsky 2009): a sequence of records with labels and pixels.
///
///     CIFAR-10    label             red 32×32  green 32×32  blue 32×32    3073 bytes
///     CIFAR-100   coarse fine       red 32×32  green 32×32  blue 32×32    3074 bytes
public enum CIFAR {
  /// A collection and one of its sets of labels.
  public enum Kind: Sendable, Equatable {
    case cifar10, cifar100Fine, cifar100Coarse

    /// The labels of a record in order, each with its name and its number of classes.
    var labels: [(name: String, classes: Int)] {
      self == .cifar10 ? [("label", 10)] : [("coarse label", 20), ("fine label", 100)]
    }

    /// The index of the label that is used.
    var labelPlace: Int { self == .cifar100Fine ? 1 : 0 }
    /// The number of bytes of a record.
    var recordCount: Int { labels.count + CIFAR.pixelCount }
    var title: String { self == .cifar10 ? "CIFAR-10" : "CIFAR-100" }
    /// The published versions that are not supported: name, archive, the folder in the archive, and
    /// a file in that folder.
    var otherVersions: [(title: String, archive: String, folder: String, file: String)] {
      self == .cifar10
        ? [
          ("Python", "cifar-10-python.tar.gz", "cifar-10-batches-py", "data_batch_1"),
          ("Matlab", "cifar-10-matlab.tar.gz", "cifar-10-batches-mat", "data_batch_1.mat"),
        ]
        : [
          ("Python", "cifar-100-python.tar.gz", "cifar-100-python", "train"),
          ("Matlab", "cifar-100-matlab.tar.gz", "cifar-100-matlab", "train.mat"),
        ]
    }
    /// The other collection, and its name for `--dataset`.
    var other: (kind: Kind, dataset: String) {
      self == .cifar10 ? (.cifar100Fine, "cifar100") : (.cifar10, "cifar10")
    }
  }

  static let side = 32
  static let planeCount = side * side
  /// The number of bytes of an image.
  static let pixelCount = 3 * planeCount
  /// The maximum size of a file in bytes.
  public static let largestFileCount = 1 << 30

  /// The content of a file.
  public struct Content: Sendable, Equatable {
    /// `[count, 32, 32, 3]`.
    public let pixels: [UInt8]
    /// `[count]`.
    public let labels: [UInt8]
  }

  /// Reads the records of `file` and checks that every label is valid.
  public static func records(_ file: [UInt8], as kind: Kind) throws(CIFARError) -> Content {
    let size = kind.recordCount
    guard !file.isEmpty, file.count.isMultiple(of: size) else {
      let other = kind.other
      let isOther = !file.isEmpty && file.count.isMultiple(of: other.kind.recordCount)
      throw .notWhole(
        bytes: file.count, guess: file.withUnsafeBufferPointer { ContentGuess.signature($0) },
        expected: kind, looksLike: isOther ? other.kind : nil)
    }
    let count = file.count / size
    let labels = kind.labels
    for record in 0..<count {
      for (place, label) in labels.enumerated() where file[record * size + place] >= label.classes {
        throw .label(
          file[record * size + place], record: record, name: label.name, classes: label.classes)
      }
    }
    return Content(
      pixels: interleaved(file, count: count, size: size),
      labels: (0..<count).map { file[$0 * size + kind.labelPlace] })
  }

  /// The images with the three color values of a pixel next to each other.
  private static func interleaved(_ file: [UInt8], count: Int, size: Int) -> [UInt8] {
    file.withUnsafeBufferPointer { file in
      [UInt8](unsafeUninitializedCapacity: count * pixelCount) { pixels, initialized in
        for record in 0..<count {
          let planes = file.baseAddress! + (record + 1) * size - pixelCount
          let image = pixels.baseAddress! + record * pixelCount
          for pixel in 0..<planeCount {
            image[3 * pixel] = planes[pixel]
            image[3 * pixel + 1] = planes[planeCount + pixel]
            image[3 * pixel + 2] = planes[2 * planeCount + pixel]
          }
        }
        initialized = count * pixelCount
      }
    }
  }
}

/// Why a file is not valid CIFAR data.
public enum CIFARError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The length is not a multiple of a record's length; `guess` names the apparent kind of the
  /// content, if known.
  case notWhole(bytes: Int, guess: String?, expected: CIFAR.Kind, looksLike: CIFAR.Kind?)
  /// A label that is not below the number of classes; records are numbered from 0.
  case label(UInt8, record: Int, name: String, classes: Int)

  public var description: String {
    switch self {
    case .notWhole(let bytes, let guess, let kind, _):
      "not whole \(kind.title) records (found \(guess.map { "\($0) of " } ?? "")\(bytes) bytes, "
        + "expected a multiple of \(kind.recordCount))"
    case .label(let label, let record, let name, let classes):
      "a \(name) is out of range (found \(label) in record \(record), "
        + "expected 0 to \(classes - 1))"
    }
  }

  /// The advice for the user.
  var remedy: String {
    switch self {
    case .notWhole(_, nil, let kind, .some(let other)):
      "It looks like \(other.title): take --dataset \(kind.other.dataset)."
    case .notWhole: "Get the file again."
    case .label: "Is it the file of another data set?"
    }
  }
}
