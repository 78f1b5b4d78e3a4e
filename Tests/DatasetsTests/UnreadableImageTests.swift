import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Folders with sub-folders, and with files that cannot be read.
@Suite struct UnreadableImageTests {
  private let folder = TemporaryFolder()

  private func gray(_ value: UInt8, _ name: String) throws {
    try folder.write(HandMade.png(4, 4, 1, [UInt8](repeating: value, count: 16)), to: name)
  }

  private func load(
    skipping: Bool = false, _ configure: (inout ImageOptions) -> Void = { _ in }
  ) throws -> (train: LoadedSplit, test: LoadedSplit) {
    var options = ImageOptions(side: 4)
    options.skipsUnreadable = skipping
    configure(&options)
    return try Dataset.loadBoth(name: "folder", dataDirectory: folder.path, images: options)
  }

  private func values(_ split: LoadedSplit) -> [UInt8] {
    (0..<split.images.count).map { split.images.pixels[$0 * split.images.imageCount] }
  }

  private func short(_ text: String) -> String {
    text.replacing(folder.path, with: "DIR")
  }

  @Test func deeperFoldersBelongToTheirClass() throws {
    try gray(1, "train/a/deep/deeper/1.png")
    try gray(2, "train/a/2.png")
    try gray(3, "train/b/x/1.png")
    try gray(4, "test/b/1.png")
    let train = try load().train
    // Sorted by the path within the class: 2.png, deep/deeper/1.png, x/1.png.
    #expect(values(train) == [2, 1, 3])
    #expect(train.images.labels == [0, 0, 1])
    #expect(train.entry.classNames == ["a", "b"])
  }

  @Test func linksToFoldersAreFollowed() throws {
    try gray(1, "elsewhere/1.png")
    try folder.makeFolder("data/train")
    for name in ["data/train/b/1.png", "data/test/a/1.png"] { try gray(2, name) }
    try folder.link("data/train/a", to: "\(folder.path)/elsewhere")
    let train = try Dataset.load(
      name: "folder", split: .train, dataDirectory: "\(folder.path)/data",
      images: ImageOptions(side: 4))
    #expect(values(train) == [1, 2])
  }

  @Test func aLinkToAFolderAroundItIsTold() throws {
    for name in ["train/a/1.png", "train/b/1.png", "test/a/1.png"] { try gray(1, name) }
    // The folder of the class, of the part, and of the data.
    for target in [".", "..", "../.."] {
      try folder.link("train/a/loop", to: target)
      let error = try #require(throws: DatasetError.self) { try load() }
      #expect(
        short(error.description)
          == "DIR/train/a/loop: the link points to a folder around it. Remove the link. "
          + "Or leave it out with --skip-unreadable.")
      // No image of the other class has this label, too.
      #expect(values(try load(skipping: true).train) == [1, 1])
      try FileManager.default.removeItem(atPath: "\(folder.path)/train/a/loop")
    }
  }

  /// Files that are wrong by name, link, header and data, in both parts.
  private func spoil() throws {
    for name in ["train/a/1.png", "train/a/2.png", "train/b/1.png", "test/a/1.png"] {
      try gray(7, name)
    }
    let good = HandMade.png(4, 4, 1, [UInt8](repeating: 1, count: 16))
    try folder.write(Array(good.dropLast()), to: "train/a/cut.png")
    try folder.write(Array("<html>".utf8), to: "train/b/page.jpg")
    try folder.write([1], to: "test/a/notes.txt")
    try folder.write([], to: "test/a/none.png")
    try folder.link("train/b/gone.png", to: "nowhere")
  }

  @Test func allFilesThatCannotBeReadAreListed() throws {
    try spoil()
    let error = try #require(throws: DatasetError.self) { try load() }
    #expect(
      short(error.description)
        == "DIR: 5 of 9 files cannot be read. Convert or remove them, or leave them out with "
        + "--skip-unreadable.")
    #expect(
      error.details.map { short($0).prefix { $0 != ":" } } == [
        "DIR/test/a/none.png", "DIR/test/a/notes.txt", "DIR/train/a/cut.png",
        "DIR/train/b/gone.png", "DIR/train/b/page.jpg",
      ])
  }

  @Test func theRestIsReadAsIfTheyWereNotThere() throws {
    for name in ["train/a/1.png", "train/a/2.png", "train/b/1.png", "test/a/1.png"] {
      try gray(7, name)
    }
    let alone = try load()
    try spoil()
    let (train, test) = try load(skipping: true)
    #expect(train.identity == alone.train.identity && test.identity == alone.test.identity)
    #expect(train.images.pixels == alone.train.images.pixels)
    #expect(train.leavesFilesOut && !alone.train.leavesFilesOut)
    #expect(
      train.notices.map(short) == [
        "DIR: left out 5 of 9 files, which cannot be read (test/a/none.png, test/a/notes.txt, "
          + "train/a/cut.png, train/b/gone.png and train/b/page.jpg)."
      ])
    var options = ImageOptions(side: 4)
    options.skipsUnreadable = true
    #expect(
      try Dataset.trainingIdentity(name: "folder", dataDirectory: folder.path, images: options)
        == alone.train.identity)
  }

  /// The division of a folder without parts, too, is that of the readable files.
  @Test func theSplitIsThatOfTheRest() throws {
    for value in 0..<20 { try gray(UInt8(value), "\(value < 10 ? "a" : "b")/\(value).png") }
    let alone = try load()
    for value in 0..<12 {
      let file = HandMade.png(4, 4, 3, [UInt8](repeating: UInt8(value), count: 48))
      try folder.write(Array(file.dropLast(20)), to: "a/cut\(value).png")
    }
    let (train, test) = try load(skipping: true)
    // The damaged files are in color, the others are gray.
    #expect(train.images.channels == 1)
    #expect(train.identity == alone.train.identity && test.identity == alone.test.identity)
    #expect(values(test) == values(alone.test))
  }

  @Test func aClassWithoutReadableFilesIsTold() throws {
    try spoil()
    try folder.write([], to: "train/c/1.png")
    #expect(throws: DatasetError.self) { try load() }
    let error = try #require(throws: DatasetError.self) { try load(skipping: true) }
    #expect(
      short(error.description)
        == "DIR/train/c: no images of this class (found 0 PNG or JPEG files, expected at least 1). "
        + "Add some, or remove the folder.")
  }

  @Test func onlyTwentyFilesAreNamed() throws {
    for name in ["train/a/1.png", "train/b/1.png", "test/a/1.png"] { try gray(1, name) }
    for number in 0..<30 { try folder.write([0], to: "train/a/bad\(number).png") }
    let error = try #require(throws: DatasetError.self) { try load() }
    #expect(error.details.count == 21)
    #expect(error.details.last.map(short) == "DIR: 10 more files cannot be read.")
  }

  @Test func jpegIsReadAndTransparencyIsFilled() throws {
    try folder.write(try ImageFixture.named("jpeg-420-33x31").file, to: "train/a/1.JPG")
    try folder.write(try ImageFixture.named("jpeg-gray-8x8").file, to: "train/b/1.jpeg")
    // The content decides, and not the name.
    try folder.write(
      HandMade.png(4, 4, 2, [UInt8](repeating: 0, count: 32), color: 4), to: "test/b/1.jpg")
    let (train, test) = try load()
    #expect(train.images.channels == 3 && train.images.count == 2)
    #expect(test.images.pixels == [UInt8](repeating: 255, count: 48))
    #expect(test.isTransparent && !train.isTransparent)
    let black = try load { $0.background = 0 }
    #expect(black.test.images.pixels == [UInt8](repeating: 0, count: 48))
    #expect(black.train.images.pixels == train.images.pixels)
  }
}
