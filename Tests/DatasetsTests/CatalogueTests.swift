import Testing

@testable import Datasets

@Suite struct CatalogueTests {
  @Test func theNamesAreInOrder() {
    #expect(Catalogue.names == ["fashion-mnist", "kmnist", "mnist"])
  }

  @Test(arguments: Catalogue.names)
  func anEntryIsWhole(name: String) throws {
    let entry = try Catalogue.entry(named: name)
    #expect(entry.name == name)
    #expect([entry.height, entry.width, entry.channels] == [28, 28, 1])
    #expect(entry.classes == 10)
    #expect(Set(entry.classNames).count == 10)
    #expect(entry.files.map(\.split) == [.train, .train, .test, .test])
    #expect(entry.files.map(\.kind) == [.images, .labels, .images, .labels])
    #expect(
      entry.files(of: .test).map(\.names) == [
        ["t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte"],
        ["t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte"],
      ])
    #expect(entry.normalization.mean == entry.mean)
  }

  @Test func everyHashIsWellFormedAndDifferent() {
    let files = Catalogue.entries.flatMap { $0.files + ($0.sample?.files ?? []) }
    let hashes = files.map(\.gzipSHA256) + files.compactMap(\.contentSHA256)
    #expect(hashes.count == 16 + 12)
    #expect(Set(hashes).count == hashes.count)
    for hash in hashes {
      #expect(hash.count == 64 && hash.allSatisfy { "0123456789abcdef".contains($0) })
    }
  }
}
