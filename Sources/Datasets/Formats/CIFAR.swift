/// CIFAR's binary form (Krizhevsky 2009): records, one behind the other, of labels and pixels.
///
///     CIFAR-10    label             red 32×32  green 32×32  blue 32×32    3073 bytes
///     CIFAR-100   coarse fine       red 32×32  green 32×32  blue 32×32    3074 bytes
public enum CIFAR {
  /// Which collection, and by which labels.
  public enum Kind: Sendable, Equatable {
    case cifar10, cifar100Fine, cifar100Coarse

    /// A record's labels, in their order: what each is called and how many classes it has.
    var labels: [(name: String, classes: Int)] {
      self == .cifar10 ? [("label", 10)] : [("coarse label", 20), ("fine label", 100)]
    }

    /// The place of the label that counts.
    var labelPlace: Int { self == .cifar100Fine ? 1 : 0 }
    /// The number of bytes of a record.
    var recordCount: Int { labels.count + CIFAR.pixelCount }
    var title: String { self == .cifar10 ? "CIFAR-10" : "CIFAR-100" }
    /// The versions that are published beside the binary one and are not read: how each is called, its
    /// archive, the folder in that, and a file in the folder.
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
    /// The other collection, and the `--dataset` that reads it.
    var other: (kind: Kind, dataset: String) {
      self == .cifar10 ? (.cifar100Fine, "cifar100") : (.cifar10, "cifar10")
    }
  }

  static let side = 32
  static let planeCount = side * side
  /// The number of bytes of an image.
  static let pixelCount = 3 * planeCount
  /// The most bytes that a file may have.
  public static let largestFileCount = 1 << 30

  /// The content of a file.
  public struct Content: Sendable, Equatable {
    /// `[count, 32, 32, 3]`.
    public let pixels: [UInt8]
    /// `[count]`.
    public let labels: [UInt8]
  }

  /// Reads the records of `file`, and checks every label to be one of its classes.
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

  /// The images with the three colors of a pixel side by side.
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

/// Why a file is not the CIFAR data that it should be.
public enum CIFARError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The length is no multiple of a record's; `guess` names what the content looks like, where that
  /// is known.
  case notWhole(bytes: Int, guess: String?, expected: CIFAR.Kind, looksLike: CIFAR.Kind?)
  /// A label that none of the classes has; records count from 0.
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

  /// What the user can do about it.
  var remedy: String {
    switch self {
    case .notWhole(_, nil, let kind, .some(let other)):
      "It looks like \(other.title): take --dataset \(kind.other.dataset)."
    case .notWhole: "Get the file again."
    case .label: "Is it the file of another data set?"
    }
  }
}
