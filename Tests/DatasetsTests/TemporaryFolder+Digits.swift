import TestSupport

extension TemporaryFolder {
  /// Writes four small files in MNIST's format: `count` images of 28×28 and their labels for each
  /// split.
  func writeDigits(_ count: Int = 3, in folder: String = "") throws {
    let prefix = folder.isEmpty ? "" : folder + "/"
    for split in ["train", "t10k"] {
      try write(HandMade.images(count, 28, 28), to: "\(prefix)\(split)-images-idx3-ubyte")
      try write(
        HandMade.labels((0..<count).map { UInt8($0 % 10) }),
        to: "\(prefix)\(split)-labels-idx1-ubyte")
    }
  }
}
