import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Tests how folders are assigned to parts, and that every ignored folder causes a notice.
@Suite struct ImagePartTests {
  private let folder = TemporaryFolder()

  private func images(_ names: String...) throws {
    for (number, name) in names.enumerated() {
      try folder.write(
        HandMade.png(4, 4, 1, [UInt8](repeating: UInt8(number), count: 16)), to: name)
    }
  }

  private func load(
    _ split: DatasetSplit = .train, testsWhole: Bool = false
  ) throws -> LoadedSplit {
    try Dataset.load(
      name: "folder", split: split, dataDirectory: folder.path,
      images: ImageOptions(side: 4, testsWhole: testsWhole))
  }

  private func expect(
    _ message: String, _ split: DatasetSplit = .train,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try #require(throws: DatasetError.self, sourceLocation: sourceLocation) {
      try load(split)
    }
    #expect(plain(error.description) == message, sourceLocation: sourceLocation)
  }

  private func plain(_ text: String) -> String {
    text.replacingOccurrences(of: folder.path, with: "DIR")
  }

  @Test(
    arguments: ["train", "Train", "training", "TRAINING"],
    ["test", "testing", "Test", "val", "valid", "validation", "Validation"])
  func partsHaveManyNames(training: String, test: String) throws {
    try images("\(training)/a/1.png", "\(training)/b/1.png", "\(test)/b/2.png")
    #expect(try load().entry.classNames == ["a", "b"])
    #expect(try load().images.count == 2)
    #expect(try load(.test).images.labels == [1])
    #expect(try load().notices.isEmpty)
  }

  @Test func twoFoldersOfOnePartAreRefused() throws {
    try images("train/a/1.png", "train/b/1.png", "training/a/2.png", "test/a/1.png")
    try expect(
      "DIR/training: the same part of the data as DIR/train (found both, expected one). "
        + "Merge them, or remove one.")
  }

  @Test func aClassBesideTheTrainingFolderIsTold() throws {
    try images("train/a/1.png", "train/b/1.png", "test/a/1.png", "bird/1.png")
    #expect(
      try load().notices.map(plain) == [
        "DIR/bird: not read, because the classes are those in DIR/train and DIR/test. "
          + "Move the folder there, or elsewhere."
      ])
  }

  @Test func imagesBesideTheClassesAreTold() throws {
    try images("a/1.png", "a/2.png", "b/1.png", "3.png", "4.PNG")
    let notice =
      "images beside the classes' folders are not read (found 2, the first of them 3.png). "
      + "Move them into a class's folder."
    #expect(try load().notices.contains { plain($0) == "DIR: \(notice)" })
    try folder.remove("a")
    try folder.remove("b")
    try images("train/a/1.png", "train/b/1.png", "test/a/1.png", "test/3.png", "test/4.png")
    #expect(try load(.test).notices.contains { plain($0) == "DIR/test: \(notice)" })
  }

  @Test func filesThatSystemsLeaveBehindAreIgnored() throws {
    try images(
      "train/a/1.png", "train/b/1.png", "test/a/1.png", "__MACOSX/train/a/1.png",
      "train/@eaDir/1.png", "train/a/@eaDir/1.png", "train/.ipynb_checkpoints/1.png")
    try folder.write([1], to: "train/a/Thumbs.db")
    try folder.write([1], to: "train/b/desktop.ini")
    #expect(try load().entry.classNames == ["a", "b"])
    #expect(try load().images.count == 2)
    #expect(try load().notices.isEmpty)
  }

  @Test func aClassMayBeCalledTrain() throws {
    try images("train/1.png", "train/2.png", "car/1.png", "bus/1.png")
    #expect(try load().entry.classNames == ["bus", "car", "train"])
    try folder.remove("car")
    try folder.remove("bus")
    try folder.remove("train")
    try images("train/train/1.png", "train/car/1.png", "test/train/2.png")
    #expect(try load().entry.classNames == ["car", "train"])
    #expect(try load(.test).images.labels == [1])
  }

  @Test func partsWithoutClassesAreNoClasses() throws {
    try images("train/1.png", "test/1.png")
    let message =
      "no folders of classes (found none, expected a folder of images for each class). "
      + "Sort the images into such folders."
    try expect("DIR/test: \(message)")
    try images("train/a/1.png", "train/b/1.png")
    try expect("DIR/test: \(message)")
  }

  @Test(arguments: ["", "train/", "test/"])
  func aLinkToNothingIsTold(part: String) throws {
    if part.isEmpty {
      try images("a/1.png", "a/2.png", "b/1.png")
    } else {
      try images("train/a/1.png", "train/b/1.png", "test/a/1.png")
    }
    try folder.link("\(part)c", to: "gone")
    try expect(
      "DIR/\(part)c: the link points to a file that does not exist. "
        + "Point the link to the file, or remove it.")
  }

  #if os(Linux)  // Others have file systems that refuse such names.
    @Test(arguments: ["", "train/", "test/"])
    func aClassWhoseNameIsNotTextIsTold(part: String) throws {
      if part.isEmpty {
        try images("a/1.png", "b/1.png")
      } else {
        try images("train/a/1.png", "train/b/1.png", "test/a/1.png")
      }
      let path = Array("\(folder.path)/\(part)caf".utf8CString.dropLast()) + [-23, 0]
      #expect(mkdir(path, 0o700) == 0)
      defer { rmdir(path) }
      try expect(
        "DIR/\(part)caf\\xe9: the name is not UTF-8 (\\x stands before each byte that is not). "
          + "Rename it.")
    }

    @Test func aFileWhoseNameIsNotTextIsTold() throws {
      try images("a/1.png", "a/2.png", "b/1.png")
      let path = Array("\(folder.path)/a/".utf8CString.dropLast()) + [-1] + ".png".utf8CString
      let file = creat(path, 0o600)
      #expect(file >= 0 && close(file) == 0)
      defer { unlink(path) }
      try expect(
        "DIR/a/\\xff.png: the name is not UTF-8 (\\x stands before each byte that is not). "
          + "Rename it. "
          + "Or leave it out with --skip-unreadable.")
    }

    /// é as one code point, and as an e and an accent.
    @Test func twoClassesOfOneNameAreRefused() throws {
      try images("\u{e9}/1.png", "e\u{301}/1.png")
      try expect(
        "DIR/\u{e9}: the same name as DIR/e\u{301} in other bytes "
          + "(expected one folder for each class). Merge them, or rename one.")
    }
  #endif

  // MARK: Without parts

  @Test func imagesAreSetAsideByTheirContentWhateverTheyAreCalled() throws {
    for number in 0..<40 {
      try folder.write(
        HandMade.png(4, 4, 1, [UInt8](repeating: UInt8(number), count: 16)),
        to: "\(number % 2)/\(number).png")
    }
    func values(_ split: DatasetSplit) throws -> Set<UInt8> {
      let images = try load(split).images
      return Set((0..<images.count).map { images.pixels[16 * $0] })
    }
    let (training, test) = (try values(.train), try values(.test))
    #expect(test.count > 2 && training.union(test).count == 40)
    for number in 0..<20 {
      try FileManager.default.moveItem(
        atPath: "\(folder.path)/0/\(2 * number).png", toPath: "\(folder.path)/0/new\(number).png")
    }
    try folder.write(HandMade.png(4, 4, 1, [UInt8](repeating: 99, count: 16)), to: "0/0.png")
    #expect(try values(.test).subtracting([99]) == test)
    #expect(try values(.train).subtracting([99]) == training)
  }

  @Test func aRareClassKeepsItsOnlyImageToTrainOn() throws {
    try images("a/1.png", "a/2.png", "a/3.png", "b/1.png")
    for seed in 0..<20 {
      let train = try Dataset.load(
        name: "folder", split: .train, dataDirectory: folder.path,
        images: ImageOptions(side: 4, seed: UInt64(seed)))
      #expect(train.images.labels.contains(1))
      #expect(
        train.notices.map(plain) == [
          "DIR: no image to test with of b, because one image or copies of one are all there is to "
            + "train on."
        ])
    }
    try folder.remove("a/2.png")
    try folder.remove("a/3.png")
    try expect(
      "DIR: nothing to test with (found 1 image in each class, expected 2 that differ in at least "
        + "one class). Add images, or a folder test beside a folder train.")
  }

  @Test func allOfAFolderThatIsOnlyToTestWithIsRead() throws {
    try images("a/1.png", "a/2.png", "b/1.png")
    #expect(try load(.test, testsWhole: true).images.labels == [0, 1, 0])
    try folder.remove("b")
    #expect(try load(.test, testsWhole: true).entry.classNames == ["a"])
    try folder.remove("a")
    try images("test/b/1.png", "test/b/2.png")
    #expect(try load(.test).images.count == 2)
    #expect(try load(.test).entry.classNames == ["b"])
    try expect(
      "DIR: a folder test without a folder train. Add it, or give the folder that holds the "
        + "classes' folders.")
  }
}
