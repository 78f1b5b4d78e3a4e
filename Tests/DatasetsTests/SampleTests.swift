import Foundation
import Testing

@testable import Datasets
@testable import Files

@Suite struct SampleTests {
  /// Loads the sample in the package, whether or not MNIST is available.
  static func load(_ split: DatasetSplit) throws -> LoadedSplit {
    let folder = try #require(
      DatasetSearch.standard().dataFolders.map { "\($0)/mnist-sample" }
        .first { FileManager.default.fileExists(atPath: $0) })
    return try Dataset.load(name: "mnist", split: split, dataDirectory: folder)
  }

  /// The pixels of each image, as arrays. All of them would have the same hash value as `Data`,
  /// which hashes only the first 80 bytes, and these are black.
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
    // The classes alternate, so each ten images have every class once.
    #expect(sample.images.labels == (0..<count).map { UInt8($0 % 10) })
  }

  @Test func theFilesAreTheOnesThatTheScriptMakes() throws {
    for file in try #require(Catalog.mnist.sample).files {
      let directory = try Self.load(file.split).directory
      let bytes = try InputFile.read("\(directory)/\(file.name).gz", limit: 1 << 20)
      #expect(Hash.sha256(of: [bytes]) == file.gzip?.sha256)
      // The header has no name and no time.
      #expect(Array(bytes.prefix(10)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3])
    }
  }

  @Test func noDigitIsInBothParts() throws {
    let digits = try DatasetSplit.allCases.flatMap { Self.digits(of: try Self.load($0).images) }
    #expect(Set(digits).count == 5000)
  }

  /// Without `--data-dir` and without MNIST, `mnist` loads the sample.
  @Test func itStandsInForMNIST() throws {
    let search = DatasetSearch(dataFolders: DatasetSearch.standard().dataFolders)
    let loaded = try Dataset.load(name: "mnist", split: .train, search: search)
    try #require(loaded.directory.hasSuffix("mnist-sample") || PublishedData.hasMNIST)
    #expect(loaded.isSample == loaded.directory.hasSuffix("mnist-sample"))
    #expect(loaded.images.count == (loaded.isSample ? 4000 : 60_000))
  }
}
