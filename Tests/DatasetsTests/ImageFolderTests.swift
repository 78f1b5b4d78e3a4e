import Foundation
import TestSupport
import Testing

@testable import Datasets
@testable import Files

@Suite struct ImageFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = TemporaryFolder() }

  /// A gray image of one value.
  private func gray(_ value: UInt8, _ name: String, side: Int = 4) throws {
    try folder.write(
      HandMade.png(side, side, 1, [UInt8](repeating: value, count: side * side)), to: name)
  }

  private func load(
    _ split: DatasetSplit = .train, _ options: ImageOptions = ImageOptions(side: 4)
  ) throws -> LoadedSplit {
    try Dataset.load(name: "folder", split: split, dataDirectory: folder.path, images: options)
  }

  /// The first pixel of each image.
  private func values(_ images: ImageSet) -> [UInt8] {
    (0..<images.count).map { images.pixels[$0 * images.imageCount] }
  }

  @Test func classesAndFilesAreSortedByTheirBytes() throws {
    // Upper case comes first; the order does not depend on a language.
    for (name, value) in [
      ("train/b/2.png", 1), ("train/b/10.png", 2), ("train/Z/2.png", 3), ("train/é/1.PNG", 4),
      ("train/b/é.png", 5), ("test/b/1.png", 6), ("test/Z/0.png", 7),
    ] { try gray(UInt8(value), name) }
    try folder.write([1], to: "train/.hidden")
    try folder.write([1], to: "train/b/.DS_Store")
    try folder.write([1], to: "readme.txt")
    let train = try load()
    #expect(train.entry.classNames == ["Z", "b", "é"])
    #expect(values(train.images) == [4, 2, 3, 1, 5])
    #expect(train.images.labels == [2, 1, 0, 1, 1])
    #expect(train.images.classes == 3 && train.images.channels == 1)
    let test = try load(.test)
    #expect(values(test.images) == [7, 6])
    #expect(test.images.labels == [0, 1])
    #expect(test.entry.classNames == train.entry.classNames)
    #expect(!train.isSample && train.notices.isEmpty)
  }

  @Test func valReplacesAMissingTestFolder() throws {
    for name in ["train/a/1.png", "train/b/1.png", "val/b/1.png"] { try gray(1, name) }
    #expect(try load(.test).images.labels == [1])
    try gray(2, "test/a/1.png")
    #expect(values(try load(.test).images) == [2])
    #expect(
      try load().notices
        == ["\(folder.path)/val: not read, because there is a folder test as well."])
  }

  /// The data's identity is the hash of the output of `sha256sum`, so each byte of each file
  /// counts.
  @Test func theHashIsThatOfTheList() throws {
    for name in ["train/a/1.png", "train/b/1.png", "test/a/1.png"] { try gray(1, name) }
    let hash = Hash.sha256(of: [HandMade.png(4, 4, 1, [UInt8](repeating: 1, count: 16))])
    let list = "\(hash)  a/1.png\n\(hash)  b/1.png\n"
    #expect(
      try load().files == [
        .init(path: folder.path, sha256: Hash.sha256(of: [Array(list.utf8)]))
      ])
  }

  @Test func oneColorImageMakesAllColor() throws {
    try gray(7, "train/a/1.png")
    try gray(8, "train/b/1.png")
    try folder.write(
      HandMade.png(4, 4, 3, (0..<48).map { UInt8($0) }), to: "test/b/1.png")
    let train = try load()
    #expect(train.images.channels == 3 && train.images.height == 4)
    #expect(Array(train.images.pixels.prefix(4)) == [7, 7, 7, 7])
    #expect(try load(.test).images.pixels.prefix(4) == [0, 1, 2, 3])
    let error = try #require(throws: DatasetError.self) {
      try load(.train, ImageOptions(side: 4, channels: 1))
    }
    #expect(
      error.description
        == "\(folder.path)/test/b/1.png: a color image (expected gray as the others). "
        + "Convert it, or remove it.")
  }

  @Test func grayIsReadAsColorWhereThatIsAskedFor() throws {
    for name in ["train/a/1.png", "train/b/1.png", "test/a/1.png"] { try gray(1, name) }
    #expect(try load(.train, ImageOptions(side: 4, channels: 3)).images.channels == 3)
    // The defaults are the sizes of the course's networks.
    #expect(try load(.train, ImageOptions()).images.height == 28)
    #expect(try load(.train, ImageOptions(channels: 3)).images.height == 32)
  }

  @Test func imagesAreFitted() throws {
    try folder.write(
      HandMade.png(8, 4, 1, [UInt8](repeating: 100, count: 32)), to: "train/a/1.png")
    for name in ["train/b/1.png", "test/a/1.png"] { try gray(1, name) }
    let rows = (0..<4).map { try! load().images.pixels[$0 * 4] }
    #expect(rows == [0, 100, 100, 0])
  }

  /// Two images of 0 and 255: mean 1/2, std 1/2.
  @Test func meanAndDeviationAreOfTheTrainingPixels() throws {
    try gray(0, "train/a/1.png")
    try gray(255, "train/b/1.png")
    try gray(9, "test/a/1.png")
    #expect(try load().entry.mean == [0.5])
    #expect(try load().entry.std == [0.5])
    try gray(0, "train/b/1.png")
    #expect(try load().entry.mean == [0])
    #expect(try load().entry.std == [1])
  }

  // MARK: Errors

  /// The end of a message about a single file.
  private static let hint = "Or leave it out with --skip-unreadable."

  private func expect(_ message: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let error = try #require(throws: DatasetError.self, sourceLocation: sourceLocation) {
      try load()
    }
    #expect(
      error.description.replacingOccurrences(of: folder.path, with: "DIR") == message,
      sourceLocation: sourceLocation)
  }

  @Test func foldersWithAWrongLayoutAreRefused() throws {
    try expect(
      "DIR: not a folder of classes (found 0 folders, expected 2 to 256). "
        + "Put the images of each class into a folder of their own.")
    try gray(1, "only/1.png")
    try expect(
      "DIR: not a folder of classes (found 1 folders, expected 2 to 256). "
        + "Put the images of each class into a folder of their own.")
    try folder.makeFolder("other")
    try expect(
      "DIR/other: no images of this class (found 0 PNG or JPEG files, expected at least 1). "
        + "Add some, or remove the folder.")
    try folder.write([1], to: "other/1.gif")
    try expect(
      "DIR/other/1.gif: its name does not end in .png, .jpg or .jpeg (expected images only). "
        + "Convert it, or move it elsewhere. \(Self.hint)")
  }

  @Test func partsThatDoNotMatchAreRefused() throws {
    try gray(1, "test/a/1.png")
    try expect(
      "DIR: a folder test without a folder train. Add it, or give the folder that holds the "
        + "classes' folders.")
    try gray(1, "train/a/1.png")
    try gray(1, "train/b/1.png")
    try gray(1, "test/c/1.png")
    try expect(
      "DIR/test/c: no such class to train on (expected a or b). "
        + "Rename the folder, or remove it."
    )
    try folder.remove("test/c")
    try folder.remove("test/a")
    try expect(
      "DIR/test: no images (found 0 PNG or JPEG files, expected at least 1). Add some, or remove the folder."
    )
  }

  @Test func invalidFilesAreRefused() throws {
    for name in ["train/a/1.png", "train/b/1.png", "test/a/1.png"] { try gray(1, name) }
    try folder.write(
      Array(HandMade.png(4, 4, 1, [UInt8](repeating: 1, count: 16)).dropLast()), to: "train/a/2.png"
    )
    try expect(
      "DIR/train/a/2.png: damaged PNG data (the data ends early). Get the file again, or remove it. \(Self.hint)"
    )
    try folder.remove("train/a/2.png")
    try folder.write([], to: "train/a/0.png")
    try expect("DIR/train/a/0.png: the file is empty. Get the file again. \(Self.hint)")
    try folder.remove("train/a/0.png")
    try folder.link("train/a/0.png", to: "nowhere")
    try expect(
      "DIR/train/a/0.png: the link points to a file that does not exist. "
        + "Point the link to the file, or remove it. \(Self.hint)")
    try folder.remove("train/a/0.png")
    try folder.write(Array("<html>".utf8), to: "train/a/0.png")
    try expect(
      "DIR/train/a/0.png: not an image that is read (found an HTML page, expected a PNG or JPEG image). "
        + "Convert it, or remove it. \(Self.hint)")
  }

  @Test func aFolderMustBeNamed() throws {
    let error = try #require(throws: DatasetError.self) {
      try Dataset.load(name: "folder", split: .train, search: DatasetSearch())
    }
    #expect(
      error.description
        == "--data-dir: missing for --dataset folder (expected a folder that holds a folder of "
        + "images for each class). Name one.")
    let missing = try #require(throws: DatasetError.self) {
      try Dataset.load(name: "folder", split: .train, dataDirectory: "\(folder.path)/none")
    }
    #expect(
      missing.description
        == "\(folder.path)/none: no such folder. Give the folder that holds the data set's files.")
  }
}
