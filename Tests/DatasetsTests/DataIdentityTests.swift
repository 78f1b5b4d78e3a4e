import TestSupport
import Testing

@testable import Datasets

@Suite struct DataIdentityTests {
  @Test(arguments: [
    ("mnist:a,b", "mnist:a,b", nil),
    ("mnist:a,b", "mnist:a,c", "found training data of SHA-256 b, expected c"),
    ("mnist:a,b", "mnist-sample:a,b", "found mnist, expected mnist-sample"),
    ("cifar10:a", "cifar10:a,b", "found 1 training files, expected 2"),
  ])
  func differencesAreNamed(found: String, expected: String, difference: String?) throws {
    let (found, expected) = (
      try #require(DataIdentity(found)), try #require(DataIdentity(expected))
    )
    #expect(found.difference(from: expected) == difference)
  }

  @Test func theTextIsReadBack() throws {
    #expect(try #require(DataIdentity("mnist:a,b")).description == "mnist:a,b")
    #expect(DataIdentity("mnist") == nil && DataIdentity(":a") == nil)
  }

  @Test func itIsTheSameWithoutDecoding() throws {
    let folder = TemporaryFolder()
    for (name, value) in [("a/1.png", 1), ("a/2.png", 2), ("b/1.png", 3), ("b/2.png", 4)] {
      try folder.write(HandMade.png(2, 2, 1, [UInt8](repeating: UInt8(value), count: 4)), to: name)
    }
    func identity() throws -> DataIdentity {
      try Dataset.trainingIdentity(
        name: "folder", dataDirectory: folder.path, images: ImageOptions())
    }
    let loaded = try Dataset.load(name: "folder", split: .train, dataDirectory: folder.path)
    #expect(try identity() == loaded.identity)
    try folder.write(HandMade.png(2, 2, 1, [5, 5, 5, 5]), to: "a/3.png")
    try folder.write(HandMade.png(2, 2, 1, [6, 6, 6, 6]), to: "a/4.png")
    #expect(try identity() != loaded.identity)
  }
}

@Suite struct ClassNameTests {
  private func split(_ names: [String], _ labels: [UInt8]) -> LoadedSplit {
    LoadedSplit(
      entry: DatasetEntry(
        name: "toy", title: "Toy", classNames: names, mean: [0], std: [1], files: [],
        mirrors: []),
      split: .test,
      images: ImageSet(
        height: 1, width: 1, channels: 1, classes: names.count, pixels: labels, labels: labels),
      files: [], directory: "here", isSample: false, isVerified: false, notices: [])
  }

  @Test func labelsFollowTheNames() throws {
    let loaded = split(["bird", "cat", "dog"], [1, 2, 2, 1])
    let images = try loaded.images(labeledBy: ["cat", "dog", "horse"])
    #expect(images.labels == [0, 1, 1, 0] && images.classes == 3)
    #expect(images.pixels == loaded.images.pixels)
  }

  @Test func anUnknownClassIsRefused() throws {
    let error = try #require(throws: DatasetError.self) {
      try split(["bird", "cat", "dog"], [0, 1, 2]).images(labeledBy: ["cat", "dog", "horse"])
    }
    #expect(
      error.description
        == "toy: classes that the network was not trained on (found bird, expected some of cat, dog "
        + "and horse). Leave them out, or give another --dataset.")
  }

  /// Digits and articles of clothing have ten classes each, none of them in common.
  @Test func digitsAndClothesHaveNoClassInCommon() throws {
    let error = try #require(throws: DatasetError.self) {
      try split(Catalog.fashionMNIST.classNames, Array(0..<10))
        .images(labeledBy: Catalog.mnist.classNames)
    }
    #expect(
      error.description.hasPrefix("toy: classes that the network was not trained on (found T-"))
  }
}
