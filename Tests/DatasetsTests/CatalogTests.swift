import Testing

@testable import Datasets

@Suite struct CatalogTests {
  @Test func theNamesAreInOrder() {
    #expect(
      Catalog.names == [
        "cifar10", "cifar100", "cifar100-coarse", "emnist-balanced", "emnist-byclass",
        "emnist-bymerge", "emnist-digits", "emnist-letters", "emnist-mnist", "fashion-mnist",
        "kmnist", "mnist",
      ])
    #expect(Dataset.names == Catalog.names + ["folder"])
  }

  @Test(
    arguments: [
      ("mnist", [28, 28, 1], 10, 60_000, 10_000),
      ("fashion-mnist", [28, 28, 1], 10, 60_000, 10_000),
      ("kmnist", [28, 28, 1], 10, 60_000, 10_000), ("cifar10", [32, 32, 3], 10, 50_000, 10_000),
      ("cifar100", [32, 32, 3], 100, 50_000, 10_000),
      ("cifar100-coarse", [32, 32, 3], 20, 50_000, 10_000),
      ("emnist-balanced", [28, 28, 1], 47, 112_800, 18_800),
      ("emnist-byclass", [28, 28, 1], 62, 697_932, 116_323),
      ("emnist-bymerge", [28, 28, 1], 47, 697_932, 116_323),
      ("emnist-digits", [28, 28, 1], 10, 240_000, 40_000),
      ("emnist-letters", [28, 28, 1], 26, 124_800, 20_800),
      ("emnist-mnist", [28, 28, 1], 10, 60_000, 10_000),
    ] as [(String, [Int], Int, Int, Int)])
  func anEntryIsWhole(name: String, size: [Int], classes: Int, train: Int, test: Int) throws {
    let entry = try Catalog.entry(named: name)
    #expect(entry.name == name)
    #expect([entry.height, entry.width, entry.channels] == size)
    #expect(entry.classes == classes && Set(entry.classNames).count == classes)
    #expect(entry.trainCount == train && entry.testCount == test)
    #expect(entry.normalization.mean == entry.mean)
    let folder = name.hasPrefix("emnist") ? "emnist" : name == "cifar100-coarse" ? "cifar100" : name
    #expect(entry.folders.first == folder)
    for split in DatasetSplit.allCases { #expect(!entry.files(of: split).isEmpty) }
  }

  @Test(arguments: ["mnist", "fashion-mnist", "kmnist"])
  func imagesComeBeforeLabels(name: String) throws {
    let entry = try Catalog.entry(named: name)
    #expect(entry.files.map(\.split) == [.train, .train, .test, .test])
    #expect(entry.files.map(\.kind) == [.images, .labels, .images, .labels])
    #expect(
      entry.files(of: .test).map(\.names) == [
        ["t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte"],
        ["t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte"],
      ])
  }

  @Test func filesOfEMNISTNameTheirSelection() throws {
    let entry = try Catalog.entry(named: "emnist-letters")
    #expect(
      entry.files.map(\.name) == [
        "emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte",
        "emnist-letters-test-images-idx3-ubyte", "emnist-letters-test-labels-idx1-ubyte",
      ])
    // The publisher's list of merged classes: 0-9, A-Z, and these letters.
    #expect(
      try Catalog.entry(named: "emnist-bymerge").classNames.suffix(12).joined() == "Zabdefghnqrt")
  }

  @Test func anArchiveNamesItsMembers() throws {
    let downloads = Catalog.cifar10.downloads
    #expect(downloads.map(\.name) == ["cifar-10-binary.tar.gz"])
    #expect(downloads.map(\.size) == [170_052_171])
    #expect(downloads[0].urls.first == "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz")
    #expect(
      downloads[0].members
        == (1...5).map { "cifar-10-batches-bin/data_batch_\($0).bin" } + [
          "cifar-10-batches-bin/test_batch.bin"
        ])
    #expect(Catalog.cifar100.downloads[0].members.first == "cifar-100-binary/train.bin")
    #expect(Catalog.mnist.downloads.map(\.members) == [[], [], [], []])
    #expect(Catalog.mnist.downloads.map(\.size) == [9_912_422, 28_881, 1_648_877, 4_542])
  }

  @Test func everyDownloadIsOverHTTPS() {
    for entry in Catalog.entries {
      #expect(!entry.downloads.isEmpty, "\(entry.name)")
      for url in entry.downloads.flatMap(\.urls) {
        #expect(url.hasPrefix("https://") && !url.dropFirst(8).contains("//"), "\(url)")
      }
    }
  }

  /// The university's server alone is not enough, because it was down for weeks.
  @Test(arguments: ["cifar10", "cifar100", "cifar100-coarse"])
  func anArchiveHasSeveralMirrors(name: String) throws {
    let urls = try Catalog.entry(named: name).downloads[0].urls
    #expect(Set(urls.map { $0.split(separator: "/")[1] }).count >= 2)
  }

  @Test func everyHashIsWellFormedAndDifferent() {
    // The two data sets of CIFAR-100 share their files.
    let entries = Catalog.entries.filter { $0.name != "cifar100-coarse" }
    let files = entries.flatMap { $0.files + ($0.sample?.files ?? []) }
    let contents = files.compactMap(\.content)
    let hashes =
      files.compactMap { $0.gzip?.sha256 } + entries.compactMap { $0.archive?.sha256 }
      + contents.map(\.text)
    #expect(Set(hashes).count == hashes.count)
    #expect(contents.count == 12 + 8)
    #expect(hashes.count == 4 * (3 + 6 + 1) + 2 + contents.count)
    for hash in hashes { #expect(hash.allSatisfy { "0123456789abcdef".contains($0) }) }
    for content in contents {
      #expect(content.text.count == (content.algorithm == "SHA-1" ? 40 : 64))
    }
    #expect(files.compactMap(\.gzip).allSatisfy { $0.sha256.count == 64 })
  }
}
