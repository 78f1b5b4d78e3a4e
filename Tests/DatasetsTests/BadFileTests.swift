import Foundation
import TestSupport
import Testing

@testable import Datasets

/// An error in the files of a folder that `--data-dir` names.
struct BadFiles: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// Damages a folder of valid files.
  let spoil: @Sendable (TemporaryFolder) throws -> Void
  /// The whole message, with `DIR` for the folder.
  let message: String

  init(
    _ description: String, _ message: String,
    _ spoil: @escaping @Sendable (TemporaryFolder) throws -> Void
  ) {
    self.testDescription = description
    self.message = message
    self.spoil = spoil
  }

  static let images = "train-images-idx3-ubyte"
  static let labels = "train-labels-idx1-ubyte"

  static let table: [BadFiles] = [
    .init(
      "images missing",
      "DIR: a file of the data set is missing (expected train-images-idx3-ubyte.gz or "
        + "train-images-idx3-ubyte). Put it there, or name another folder with --data-dir."
    ) { try $0.remove(images) },
    .init(
      "labels missing",
      "DIR: a file of the data set is missing (expected train-labels-idx1-ubyte.gz or "
        + "train-labels-idx1-ubyte). Put it there, or name another folder with --data-dir."
    ) { try $0.remove(labels) },
    .init(
      "the other split only",
      "DIR: a file of the data set is missing (expected train-images-idx3-ubyte.gz or "
        + "train-images-idx3-ubyte). Put it there, or name another folder with --data-dir."
    ) {
      try $0.remove(images)
      try $0.remove(labels)
    },
    .init(
      "no files",
      "DIR: no mnist files there (looked for train-images-idx3-ubyte[.gz] and "
        + "train-labels-idx1-ubyte[.gz] in DIR and DIR/mnist). "
        + "Put them there, or name another folder with --data-dir."
    ) { folder in
      for name in ["train", "t10k"] {
        try folder.remove("\(name)-images-idx3-ubyte")
        try folder.remove("\(name)-labels-idx1-ubyte")
      }
    },
    .init(
      "dangling link",
      "DIR/train-images-idx3-ubyte: the link points to a file that does not exist. "
        + "Point the link to the file, or remove it."
    ) {
      try $0.remove(images)
      try $0.link(images, to: "nowhere")
    },
    .init(
      "directory",
      "DIR/train-labels-idx1-ubyte: is a directory (expected a file). "
        + "Put the data set's file there instead."
    ) {
      try $0.remove(labels)
      try $0.makeFolder(labels)
    },
    .init(
      "named pipe",
      "DIR/train-images-idx3-ubyte: is a named pipe (expected a regular file). "
        + "Put the data set's file there instead."
    ) {
      try $0.remove(images)
      #expect(mkfifo("\($0.path)/\(images)", 0o600) == 0)
    },
    .init(
      "device",
      "DIR/train-images-idx3-ubyte: is a device (expected a regular file). "
        + "Put the data set's file there instead."
    ) {
      try $0.remove(images)
      try $0.link(images, to: "/dev/zero")
    },
    .init("empty", "DIR/train-images-idx3-ubyte: the file is empty. Get the file again.") {
      try $0.write([], to: images)
    },
    .init(
      "over the cap",
      "DIR/train-images-idx3-ubyte: the file is too large (found 1073741841 bytes, "
        + "expected at most 1073741840). Get the file again."
    ) {
      // A sparse file, which takes no space on the disk.
      #expect(truncate("\($0.path)/\(images)", 1 << 30 + 17) == 0)
    },
    .init(
      "HTML under a gzip name",
      "DIR/train-images-idx3-ubyte.gz: not IDX data (found an HTML page, expected IDX images). "
        + "Get the file again."
    ) { try $0.write(Array("<!doctype html>".utf8), to: images + ".gz") },
    .init(
      "gzip cut short",
      "DIR/train-labels-idx1-ubyte.gz: the gzip data ends early (found only 30 bytes of it). "
        + "Get the file again."
    ) {
      let file = HandMade.gzip(HandMade.labels([1, 2, 3]))
      try $0.write(Array(file.prefix(30)), to: labels + ".gz")
    },
    .init(
      "gzip with a wrong checksum",
      "DIR/train-labels-idx1-ubyte.gz: damaged gzip data (incorrect data check). "
        + "Get the file again."
    ) { try $0.write(HandMade.gzip(HandMade.labels([1, 2, 3]), checksum: 0), to: labels + ".gz") },
    .init(
      "the images are labels",
      "DIR/train-images-idx3-ubyte: labels where images belong (found magic 0x00000801, "
        + "expected 0x00000803). Were the images and labels files swapped?"
    ) { try $0.write(HandMade.labels([1, 2, 3]), to: images) },
    .init(
      "the labels are images",
      "DIR/train-labels-idx1-ubyte: images where labels belong (found magic 0x00000803, "
        + "expected 0x00000801). Were the images and labels files swapped?"
    ) { try $0.write(HandMade.images(3, 28, 28), to: labels) },
    .init(
      "one label too few",
      "DIR/train-labels-idx1-ubyte: the labels do not match the images (found 2 labels, "
        + "expected 3). Get both files again, from one source."
    ) { try $0.write(HandMade.labels([1, 2]), to: labels) },
    .init(
      "one label too many",
      "DIR/train-labels-idx1-ubyte: the labels do not match the images (found 4 labels, "
        + "expected 3). Get both files again, from one source."
    ) { try $0.write(HandMade.labels([1, 2, 3, 4]), to: labels) },
    .init(
      "label out of range",
      "DIR/train-labels-idx1-ubyte: a label is out of range (found 10 at index 1, "
        + "expected 0 to 9). Is it the file of another data set?"
    ) { try $0.write(HandMade.labels([1, 10, 3]), to: labels) },
    .init(
      "images of another size",
      "DIR/train-images-idx3-ubyte: images of another size (found 32×28, expected 28×28). "
        + "Is it the file of another data set?"
    ) { try $0.write(HandMade.images(3, 32, 28), to: images) },
    .init(
      "floats",
      "DIR/train-images-idx3-ubyte: IDX data of another element type (found 0x0d, "
        + "32-bit floats, expected 0x08, unsigned bytes). Is it the file of another data set?"
    ) {
      try $0.write(HandMade.header([0, 0, 0x0d, 3], 1, 1, 1) + [0, 0, 0, 0], to: images)
    },
    .init(
      "pixels cut short",
      "DIR/train-images-idx3-ubyte: the IDX data ends early (found 2351 bytes, "
        + "expected 2352). Get the file again."
    ) { try $0.write(Array(HandMade.images(3, 28, 28).dropLast()), to: images) },
  ]
}

extension TemporaryFolder {
  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }
}

@Suite struct BadFileTests {
  private func message(
    _ name: String = "mnist", dataDirectory: String
  ) throws -> String {
    try #require(throws: DatasetError.self) {
      _ = try Dataset.load(name: name, split: .train, dataDirectory: dataDirectory)
    }.description
  }

  @Test(arguments: BadFiles.table)
  func everyErrorIsOneLine(_ bad: BadFiles) throws {
    let folder = TemporaryFolder()
    try folder.writeDigits()
    // The files were valid before the damage.
    let good = try Dataset.load(name: "mnist", split: .train, dataDirectory: folder.path)
    #expect(good.images.count == 3)
    try bad.spoil(folder)
    let message = try message(dataDirectory: folder.path)
    #expect(message.replacingOccurrences(of: folder.path, with: "DIR") == bad.message)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func anUnreadableFileIsTold() throws {
    let folder = TemporaryFolder()
    try folder.writeDigits()
    let path = "\(folder.path)/\(BadFiles.images)"
    #expect(chmod(path, 0) == 0)
    #expect(
      try message(dataDirectory: folder.path)
        == "\(path): not readable (permission denied). Give yourself permission to read it.")
  }

  @Test func aMissingFolderIsTold() throws {
    let folder = TemporaryFolder()
    #expect(
      try message(dataDirectory: "\(folder.path)/none")
        == "\(folder.path)/none: no such folder. Give the folder that holds the data set's files.")
  }

  @Test func aFileForAFolderIsTold() throws {
    let folder = TemporaryFolder()
    let file = try folder.write([1], to: "file")
    #expect(
      try message(dataDirectory: file)
        == "\(file): is a file (expected a folder). "
        + "Give the folder that holds the data set's files.")
    #expect(
      try message(dataDirectory: file + "/data")
        == "\(file)/data: no such folder. Give the folder that holds the data set's files.")
  }

  @Test func anEmptyNameOfAFolderIsTold() throws {
    #expect(
      try message(dataDirectory: "")
        == "--data-dir: no such folder. Give the folder that holds the data set's files.")
  }

  @Test(
    arguments: [
      ("minst", " Did you mean mnist?"), ("MNIST", " Did you mean mnist?"),
      ("fashionmnist", " Did you mean fashion-mnist?"),
      ("fashion_mnist", " Did you mean fashion-mnist?"), ("k-mnist", " Did you mean kmnist?"),
      ("imagenet", ""), ("", ""),
    ])
  func anUnknownNameIsTold(name: String, suggestion: String) throws {
    #expect(
      try message(name, dataDirectory: "/")
        == "\(name.isEmpty ? "--dataset" : name): no such data set "
        + "(expected cifar10, cifar100, cifar100-coarse, emnist-balanced, emnist-byclass, "
        + "emnist-bymerge, emnist-digits, emnist-letters, emnist-mnist, fashion-mnist, kmnist, "
        + "mnist or folder).\(suggestion)")
  }
}
