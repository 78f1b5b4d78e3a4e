import TestSupport
import Testing

@testable import Datasets

@Suite struct EMNISTTests {
  /// The file stores images transposed, and the labels of `letters` start at 1.
  @Test func imagesStandUprightAndLabelsCountFromZero() throws {
    let folder = TemporaryFolder()
    let pixels = (0..<2 * 784).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 5) }
    try folder.write(
      HandMade.images(2, 28, 28, pixels: pixels), to: "emnist-letters-test-images-idx3-ubyte")
    try folder.write(HandMade.labels([1, 26]), to: "emnist-letters-test-labels-idx1-ubyte")
    let loaded = try Dataset.load(
      name: "emnist-letters", split: .test, dataDirectory: folder.path)
    #expect(loaded.images.labels == [0, 25])
    #expect(loaded.entry.classNames[25] == "Z")
    for image in 0..<2 {
      for y in 0..<28 {
        for x in 0..<28 {
          #expect(
            loaded.images.pixels[image * 784 + y * 28 + x] == pixels[image * 784 + x * 28 + y])
        }
      }
    }
  }

  @Test(arguments: [0, 27] as [UInt8])
  func aLabelOutOfRangeIsTold(label: UInt8) throws {
    let folder = TemporaryFolder()
    try folder.write(HandMade.images(2, 28, 28), to: "gzip/emnist-letters-test-images-idx3-ubyte")
    try folder.write(
      HandMade.labels([1, label]), to: "gzip/emnist-letters-test-labels-idx1-ubyte")
    let error = try #require(throws: DatasetError.self) {
      try Dataset.load(
        name: "emnist-letters", split: .test,
        search: DatasetSearch(dataDirectory: "\(folder.path)/gzip"))
    }
    #expect(
      error.description
        == "\(folder.path)/gzip/emnist-letters-test-labels-idx1-ubyte: a label is out of range "
        + "(found \(label) at index 1, expected 1 to 26). Is it the file of another data set?")
  }
}
