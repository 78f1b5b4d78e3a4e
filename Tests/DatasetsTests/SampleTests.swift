import Foundation
import Testing

@testable import Datasets
@testable import Files

@Suite struct SampleTests {
  /// Loads the sample that comes with the package, whether or not MNIST is there too.
  static func load(_ split: DatasetSplit) throws -> LoadedSplit {
    let folder = try #require(
      DatasetSearch.standard().dataFolders.map { "\($0)/mnist-sample" }
        .first { FileManager.default.fileExists(atPath: $0) })
    return try Dataset.load(name: "mnist", split: split, dataDirectory: folder)
  }

  /// The pixels of each image. (As `Data` they would all have one hash value: that takes only the
  /// first 80 bytes, which are black.)
  static func digits(of images: ImageSet) -> [[UInt8]] {
    (0..<images.count).map {
      Array(images.pixels[$0 * images.imageCount..<($0 + 1) * images.imageCount])
    }
  }

  @Test(arguments: [(DatasetSplit.train, 4000), (.test, 1000)])
  func itIsWholeAndBalanced(split: DatasetSplit, count: Int) throws {
    let sample = try Self.load(split)
    #expect(sample.images.count == count)
    #expect(sample.isSample && sample.isVerified)
    #expect(sample.notices.count == 1)
    #expect(
      sample.files.map(\.sha256)
        == Catalog.mnist.sample?.files
        .filter { $0.split == split }.map { $0.content?.text })
    // The classes take turns, so every ten images have each of them once.
    #expect(sample.images.labels == (0..<count).map { UInt8($0 % 10) })
  }

  @Test func theFilesAreTheOnesThatTheScriptMakes() throws {
    for file in try #require(Catalog.mnist.sample).files {
      let directory = try Self.load(file.split).directory
      let bytes = try InputFile.read("\(directory)/\(file.name).gz", limit: 1 << 20)
      #expect(Hash.sha256(of: [bytes]) == file.gzip?.sha256)
      // No name and no time in the header.
      #expect(Array(bytes.prefix(10)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3])
    }
  }

  @Test func noDigitIsInBothParts() throws {
    let digits = try DatasetSplit.allCases.flatMap { Self.digits(of: try Self.load($0).images) }
    #expect(Set(digits).count == 5000)
  }

  /// Without `--data-dir` and without MNIST, the sample is what `mnist` means.
  @Test func itStandsInForMNIST() throws {
    let search = DatasetSearch(dataFolders: DatasetSearch.standard().dataFolders)
    let loaded = try Dataset.load(name: "mnist", split: .train, search: search)
    try #require(loaded.directory.hasSuffix("mnist-sample") || PublishedData.hasMNIST)
    #expect(loaded.isSample == loaded.directory.hasSuffix("mnist-sample"))
    #expect(loaded.images.count == (loaded.isSample ? 4000 : 60_000))
  }
}
