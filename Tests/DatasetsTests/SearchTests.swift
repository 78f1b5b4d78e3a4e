import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct SearchTests {
  private let folder: TemporaryFolder
  /// A search in the temporary folder only.
  private let search: DatasetSearch

  init() throws {
    folder = TemporaryFolder()
    search = DatasetSearch(
      dataFolders: ["\(folder.path)/first", "\(folder.path)/second"],
      cacheFolder: "\(folder.path)/cache")
  }

  private func load(_ name: String = "mnist", _ search: DatasetSearch? = nil) throws -> LoadedSplit
  {
    try Dataset.load(name: name, split: .test, search: search ?? self.search)
  }

  @Test func theFirstPlaceWins() throws {
    for (place, count) in [("cache/mnist", 3), ("second/mnist", 4), ("first/mnist", 5)] {
      try folder.writeDigits(count, in: place)
      let loaded = try load()
      #expect(loaded.images.count == count)
      #expect(loaded.directory == "\(folder.path)/\(place)")
      #expect(!loaded.isSample)
    }
  }

  @Test func theDataDirectoryIsTheOnlyPlace() throws {
    try folder.writeDigits(in: "first/mnist")
    try folder.makeFolder("mine")
    var explicit = search
    explicit.dataDirectory = "\(folder.path)/mine"
    #expect(throws: DatasetError.self) { try load("mnist", explicit) }

    try folder.writeDigits(7, in: "mine/mnist")
    #expect(try load("mnist", explicit).images.count == 7)
    try folder.writeDigits(8, in: "mine")
    #expect(try load("mnist", explicit).images.count == 8)
    #expect(try load("mnist", explicit).directory == "\(folder.path)/mine")
  }

  @Test func aSlashAtTheEndIsNotDoubled() throws {
    try folder.writeDigits()
    let loaded = try load("mnist", DatasetSearch(dataDirectory: folder.path + "/"))
    #expect(loaded.files.first?.path == "\(folder.path)/t10k-images-idx3-ubyte")
  }

  @Test func theGzippedFileIsPreferred() throws {
    try folder.writeDigits(in: "first/mnist")
    try folder.write(
      HandMade.gzip(HandMade.images(3, 28, 28, pixels: [UInt8](repeating: 9, count: 2352))),
      to: "first/mnist/t10k-images-idx3-ubyte.gz")
    #expect(try load().images.pixels == [UInt8](repeating: 9, count: 2352))
  }

  /// Names as some programs unpack the files, gzipped again or plain.
  @Test(arguments: ["", ".gz"])
  func aDotBeforeIDXWillDo(suffix: String) throws {
    let (images, labels) = (HandMade.images(3, 28, 28), HandMade.labels([1, 2, 3]))
    for (name, bytes) in [("images.idx3", images), ("labels.idx1", labels)] {
      try folder.write(
        suffix.isEmpty ? bytes : HandMade.gzip(bytes),
        to: "first/mnist/t10k-\(name)-ubyte\(suffix)")
    }
    #expect(try load().images.labels == [1, 2, 3])
  }

  @Test(arguments: ["emnist/gzip", "gzip", "emnist"])
  func theFoldersOfTheArchiveOfEMNISTWillDo(place: String) throws {
    try folder.write(
      HandMade.images(1, 28, 28), to: "\(place)/emnist-digits-test-images-idx3-ubyte")
    try folder.write(HandMade.labels([4]), to: "\(place)/emnist-digits-test-labels-idx1-ubyte")
    let search = DatasetSearch(dataDirectory: folder.path)
    #expect(try load("emnist-digits", search).images.labels == [4])
  }

  @Test(
    arguments: [
      ("cifar10", "cifar-10-batches-py/data_batch_1", "Python", "cifar-10-binary.tar.gz"),
      ("cifar10", "data_batch_1", "Python", "cifar-10-binary.tar.gz"),
      ("cifar10", "cifar-10-python.tar.gz", "Python", "cifar-10-binary.tar.gz"),
      ("cifar10", "cifar-10-batches-mat/data_batch_1.mat", "Matlab", "cifar-10-binary.tar.gz"),
      ("cifar100-coarse", "cifar-100-python/train", "Python", "cifar-100-binary.tar.gz"),
      ("cifar100", "train.mat", "Matlab", "cifar-100-binary.tar.gz"),
    ])
  func anotherVersionOfCIFARIsNamed(
    name: String, file: String, version: String, archive: String
  ) throws {
    try folder.write([1], to: file)
    let error = try #require(throws: DatasetError.self) {
      try load(name, DatasetSearch(dataDirectory: folder.path))
    }
    #expect(
      error.description
        == "\(folder.path)/\(file): the \(version) version of the data set (expected the binary one, "
        + "\(archive)). Run `swift run datasets download \(name)`, or put the files of \(archive) "
        + "there.")
  }

  /// For example a link to a disk that is not mounted: neither the sample nor a download replaces
  /// it.
  @Test func aLinkToNoFolderIsTold() throws {
    try folder.writeDigits(in: "first/mnist-sample")
    try folder.makeFolder("second")
    try folder.link("second/mnist", to: "gone")
    let error = try #require(throws: DatasetError.self) { try load() }
    #expect(
      error.description
        == "\(folder.path)/second/mnist: the link points to a folder that does not exist. "
        + "Give the folder that holds the data set's files.")
  }

  /// The user who put half of a data set there does not expect the sample.
  @Test func halfADataSetIsNotPassedOver() throws {
    try folder.writeDigits(in: "first/mnist-sample")
    #expect(try load().isSample)
    try folder.write(HandMade.images(3, 28, 28), to: "second/mnist/train-images-idx3-ubyte")
    #expect(
      throws: DatasetError.incomplete(
        directory: "\(folder.path)/second/mnist",
        missing: ["t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte"])
    ) { try load() }
    // A complete one in a later place is used nevertheless.
    try folder.writeDigits(4, in: "cache/mnist")
    #expect(try load().images.count == 4)
  }

  @Test func theSampleComesLast() throws {
    try folder.writeDigits(3, in: "first/mnist-sample")
    try folder.writeDigits(4, in: "cache/mnist")
    #expect(try load().isSample == false)
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache")
    let loaded = try load()
    #expect(loaded.isSample)
    #expect(!loaded.isVerified)
    let first = try #require(loaded.notices.first)
    #expect(
      first == "\(folder.path)/first/mnist-sample: a sample of 5000 examples, not the whole of "
        + "MNIST. For the whole, run `swift run datasets download mnist`, "
        + "put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
        + "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz from "
        + "https://ossci-datasets.s3.amazonaws.com/mnist/ into \(folder.path)/first/mnist or "
        + "\(folder.path)/cache/mnist, or name their folder with --data-dir.")
  }

  /// This decides whether a download is needed and where it goes.
  @Test func aSampleIsNotTheWholeDataSet() throws {
    let entry = Catalog.mnist
    #expect(!search.holds(entry))
    try folder.writeDigits(3, in: "first/mnist-sample")
    #expect(!search.holds(entry))
    try folder.writeDigits(4, in: "cache/mnist")
    #expect(search.holds(entry))
    try FileManager.default.removeItem(atPath: "\(folder.path)/cache/mnist/t10k-labels-idx1-ubyte")
    #expect(!search.holds(entry))
    #expect(search.downloadFolder(for: entry) == "\(folder.path)/cache/mnist")
    #expect(search.downloadFolder(for: Catalog.cifar100Coarse) == "\(folder.path)/cache/cifar100")
    #expect(
      DatasetSearch(dataDirectory: "here/").downloadFolder(for: Catalog.cifar10) == "here/cifar10"
    )
    #expect(DatasetSearch().downloadFolder(for: entry) == nil)
  }

  @Test func nowhereListsThePlaces() throws {
    let error = try #require(throws: DatasetError.self) { try load("fashion-mnist") }
    let places = ["first", "second", "cache"].map { "\(folder.path)/\($0)/fashion-mnist" }
    #expect(
      error.description
        == "fashion-mnist: the data set is not on this computer (looked in \(places[0]), "
        + "\(places[1]) and \(places[2])). To get it, "
        + "run `swift run datasets download fashion-mnist`, put train-images-idx3-ubyte.gz, "
        + "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz "
        + "from https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/ "
        + "into \(places[0]) or \(places[2]), install Debian's package dataset-fashion-mnist, "
        + "or name their folder with --data-dir.")
    let mnist = try #require(throws: DatasetError.self) { try load("mnist") }
    #expect(mnist.description.contains("and \(folder.path)/second/mnist-sample)."))
  }

  @Test func anotherContentIsSaid() throws {
    try folder.writeDigits(in: "first/mnist")
    let loaded = try load()
    #expect(!loaded.isVerified)
    #expect(
      loaded.notices
        == zip(loaded.files, Catalog.mnist.files(of: .test)).map {
          "\($0.path): not the published \($1.name) "
            + "(found SHA-256 \($0.sha256), expected \($1.content!.text))."
        })
    #expect(loaded.notices.count == 2)
  }

  /// If only the hash of the published gzip file is known, that hash is compared.
  @Test func anotherFileIsSaid() throws {
    try folder.writeDigits(in: "first/kmnist")
    let notices = try load("kmnist").notices
    #expect(notices.count == 2)
    #expect(
      try #require(notices.last).hasSuffix(
        "expected 20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c)."))
  }

  @Test func theStandardPlacesAreInOrder() {
    let standard = DatasetSearch.standard()
    let folders = standard.folders(for: Catalog.fashionMNIST)
    #expect(folders.first == "data/fashion-mnist")
    #expect(folders.last == "/usr/share/datasets/fashion-mnist")
    #expect(standard.folders(for: Catalog.mnist).first == "data/mnist")
    #expect(
      DatasetSearch.standard(dataDirectory: "here").folders(for: Catalog.mnist)
        == ["here", "here/mnist"])
  }

  #if !canImport(Darwin)
    @Test func theCacheFolderFollowsXDG() {
      let folder = DatasetSearch.userCacheFolder(home:cache:)
      #expect(folder("/home/ada", nil) == "/home/ada/.cache/lecture-cnn")
      #expect(folder("/home/ada", "/var/ada") == "/var/ada/lecture-cnn")
      #expect(folder("/home/ada", "relative") == "/home/ada/.cache/lecture-cnn")
      #expect(folder(nil, nil) == nil)
    }
  #endif

  @Test func thePackageIsFoundAboveTheProgram() throws {
    try folder.write([10], to: "outer/Package.swift")
    try folder.write([10], to: "outer/inner/Package.swift")
    try folder.write([10], to: "outer/inner/.build/debug/train")
    #expect(
      ProgramFolders.packageFolder(above: "\(folder.path)/outer/inner/.build/debug/train")
        == "\(folder.path)/outer/inner")
    #expect(
      ProgramFolders.packageFolder(above: "\(folder.path)/outer/bin/train")
        == "\(folder.path)/outer")
  }
}
