import Foundation
import Testing

/// What is wrong with the files of a data set, to the letter: one line, exit code 1, nothing made.
@Suite struct DataMessageTests {
  private static let images = "train-images-idx3-ubyte"
  private static let labels = "train-labels-idx1-ubyte"
  private static let again = "Get the file again."
  private static let other = "Is it the file of another data set?"

  private struct Case {
    let name: String
    let message: String
    let files: [String: [UInt8]]
  }

  /// Files of 12 images with one of them changed or, where `bytes` is nil, left out.
  private static func one(
    _ name: String, _ file: String, _ bytes: [UInt8]?, says message: String
  ) -> Case {
    var files = [images: Scratch.images(12), labels: Scratch.labels(12)]
    files[file] = bytes
    return Case(name: name, message: "\(name)/\(file): \(message)", files: files)
  }

  /// `bytes` as gzipped labels.
  private static func gzipped(_ name: String, _ bytes: [UInt8], says message: String) -> Case {
    Case(
      name: name, message: "\(name)/\(labels).gz: \(message) \(again)",
      files: [images: Scratch.images(12), "\(labels).gz": bytes])
  }

  private static func idx() -> [Case] {
    let whole = Scratch.images(12)
    var wrongLabel = Scratch.labels(12)
    wrongLabel[8 + 5] = 10
    var wrongType = whole
    wrongType[2] = 0x0D
    var wrongRank = whole
    wrongRank[3] = 4
    return [
      one(
        "swapped", images, Scratch.labels(12),
        says: "labels where images belong (found magic 0x00000801, expected 0x00000803). "
          + "Were the images and labels files swapped?"),
      one(
        "swapped-labels", labels, whole,
        says: "images where labels belong (found magic 0x00000803, expected 0x00000801). "
          + "Were the images and labels files swapped?"),
      one(
        "short", images, whole.dropLast(),
        says: "the IDX data ends early (found 9407 bytes, expected 9408). \(again)"),
      one(
        "long", images, whole + [0],
        says: "bytes follow the IDX data (found 9409 bytes, expected 9408). \(again)"),
      one(
        "header", images, Array(whole.prefix(10)),
        says: "the IDX header ends early (found 10 bytes, expected 16). \(again)"),
      one("empty", images, [], says: "the file is empty. \(again)"),
      one(
        "html", images, Array("<!DOCTYPE html><title>404</title>".utf8),
        says: "not IDX data (found an HTML page, expected IDX images). \(again)"),
      one(
        "type", images, wrongType,
        says: "IDX data of another element type (found 0x0d, 32-bit floats, "
          + "expected 0x08, unsigned bytes). \(other)"),
      one(
        "rank", images, wrongRank,
        says: "IDX data of another rank (found 4 dimensions, expected 3 for images). \(other)"),
      one(
        "zero", images, Scratch.header(0x803, [0, 28, 28]),
        says: "an extent is zero (found 0×28×28, expected at least 1 each). \(again)"),
      one(
        "huge", images, Scratch.header(0x803, [0xFFFF_FFFF, 28, 28]),
        says: "the extents are too large (found 4294967295×28×28, "
          + "expected at most 1073741824 bytes). \(again)"),
      one(
        "size", images, Scratch.images(12, height: 27),
        says: "images of another size (found 27×28, expected 28×28). \(other)"),
      one(
        "label", labels, wrongLabel,
        says: "a label is out of range (found 10 at index 5, expected 0 to 9). \(other)"),
      one(
        "fewer", labels, Scratch.labels(11),
        says: "the labels do not match the images (found 11 labels, expected 12). "
          + "Get both files again, from one source."),
    ]
  }

  /// The sample's labels, damaged.
  private static func gzip() throws -> [Case] {
    let sample = Program.packageFolder.appending(path: "data/mnist-sample/\(labels).gz")
    let whole = [UInt8](try Data(contentsOf: sample))
    var (checksum, length) = (whole, whole)
    checksum[whole.count - 8] ^= 1
    length[whole.count - 4] ^= 1
    return [
      gzipped(
        "cut", whole.dropLast(9),
        says: "the gzip data ends early (found only \(whole.count - 9) bytes of it)."),
      gzipped("checksum", checksum, says: "damaged gzip data (incorrect data check)."),
      gzipped("length", length, says: "damaged gzip data (incorrect length check)."),
      gzipped(
        "behind", whole + [0, 0, 0],
        says: "bytes follow the end of the gzip data (found 3, expected none)."),
      gzipped(
        "twice", whole + whole,
        says: "the gzip data has a second member (found after \(whole.count) bytes, "
          + "expected one member)."),
      gzipped(
        "page", Array("<html></html>".utf8),
        says: "not IDX data (found an HTML page, expected IDX labels)."),
    ]
  }

  @Test func everyFileThatIsWrong() throws {
    let scratch = try Scratch()
    for item in Self.idx() + (try Self.gzip()) {
      for (file, bytes) in item.files { try scratch.write(bytes, "\(item.name)/\(file)") }
      try expect(item.message, ["--data-dir", item.name], in: scratch)
    }
  }

  /// Files of CIFAR, in a folder each.
  private static func cifar() -> [(dataset: String, item: Case)] {
    let good = Scratch.records(4, labels: 1)
    func one(
      _ name: String, _ file: String, _ bytes: [UInt8]?, says message: String
    ) -> (dataset: String, item: Case) {
      var files = Dictionary(
        uniqueKeysWithValues: (1...5).map { ("data_batch_\($0).bin", good) })
      files["test_batch.bin"] = good
      files[file] = bytes
      let path = bytes == nil ? name : "\(name)/\(file)"
      return ("cifar10", Case(name: name, message: "\(path): \(message)", files: files))
    }
    func hundred(
      _ name: String, _ bytes: [UInt8], says message: String
    ) -> (dataset: String, item: Case) {
      (
        "cifar100",
        Case(
          name: name, message: "\(name)/train.bin: \(message)",
          files: ["train.bin": bytes, "test.bin": bytes])
      )
    }
    var wrongLabel = good
    wrongLabel[2 * 3073] = 10
    var wrongCoarse = Scratch.records(3, labels: 2)
    wrongCoarse[3074] = 20
    var wrongFine = Scratch.records(3, labels: 2)
    wrongFine[2 * 3074 + 1] = 200
    return [
      one(
        "cifar-missing", "data_batch_4.bin", nil,
        says: "a file of the data set is missing (expected data_batch_4.bin). "
          + "Put it there, or name another folder with --data-dir."),
      one("cifar-empty", "data_batch_1.bin", [], says: "the file is empty. \(again)"),
      one(
        "cifar-short", "data_batch_5.bin", good.dropLast(),
        says:
          "not whole CIFAR-10 records (found 12291 bytes, expected a multiple of 3073). \(again)"
      ),
      one(
        "cifar-long", "data_batch_2.bin", good + [0],
        says:
          "not whole CIFAR-10 records (found 12293 bytes, expected a multiple of 3073). \(again)"
      ),
      one(
        "cifar-html", "data_batch_2.bin", Array("<html></html>".utf8),
        says: "not whole CIFAR-10 records (found an HTML page of 13 bytes, "
          + "expected a multiple of 3073). \(again)"),
      one(
        "cifar-archive", "data_batch_2.bin", [0x1f, 0x8b, 8, 0, 0],
        says: "not whole CIFAR-10 records (found gzip data of 5 bytes, "
          + "expected a multiple of 3073). \(again)"),
      one(
        "cifar-other", "data_batch_3.bin", Scratch.records(4, labels: 2),
        says: "not whole CIFAR-10 records (found 12296 bytes, expected a multiple of 3073). "
          + "It looks like CIFAR-100: take --dataset cifar100."),
      one(
        "cifar-label", "data_batch_3.bin", wrongLabel,
        says: "a label is out of range (found 10 in record 2, expected 0 to 9). \(other)"),
      hundred(
        "hundred-other", good,
        says: "not whole CIFAR-100 records (found 12292 bytes, expected a multiple of 3074). "
          + "It looks like CIFAR-10: take --dataset cifar10."),
      hundred(
        "hundred-coarse", wrongCoarse,
        says: "a coarse label is out of range (found 20 in record 1, expected 0 to 19). \(other)"),
      hundred(
        "hundred-fine", wrongFine,
        says: "a fine label is out of range (found 200 in record 2, expected 0 to 99). \(other)"),
    ]
  }

  /// A folder of pictures whose class `b` has one that is wrong, or something else.
  private static func pictures() throws -> [Case] {
    func bytes(_ name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: Program.packageFolder.appending(path: "docs/images/\(name)")))
    }
    // What the package itself has drawn.
    let good = try bytes("filters-conv1.png")
    func changed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
      var bytes = good
      change(&bytes)
      return bytes
    }
    let unread = "expected grey or RGB of 8 bits a channel). Convert it, or remove it."
    let again = "Get the file again, or remove it."
    func one(_ name: String, _ bytes: [UInt8], says message: String) -> Case {
      Case(
        name: name, message: "\(name)/b/2.png: \(message)",
        files: ["a/1.png": good, "b/1.png": good, "b/2.png": bytes])
    }
    return [
      one("png-empty", [], says: "the file is empty. Get the file again."),
      one(
        "png-html", Array("<html></html>".utf8),
        says: "not a PNG (found an HTML page, expected a PNG image). Convert it, or remove it."),
      one(
        "png-jpeg", [0xFF, 0xD8, 0xFF, 0xE0],
        says: "not a PNG (found a JPEG image, expected a PNG image). Convert it, or remove it."),
      one(
        "png-wide", changed { $0.replaceSubrange(16..<20, with: [0, 0, 0x10, 1]) },
        says: "the PNG is too large (found 4097×…, expected at most 4096×4096). …"),
      one(
        "png-none", changed { $0.replaceSubrange(20..<24, with: [0, 0, 0, 0]) },
        says: "the PNG has no pixels (found …×0, expected at least 1×1). \(again)"),
      one(
        "png-16", changed { $0[24] = 16 },
        says: "this kind of PNG is not read (found 16 bits a channel, \(unread)"),
      one(
        "png-palette", changed { $0[25] = 3 },
        says: "this kind of PNG is not read (found a palette, \(unread)"),
      one(
        "png-alpha", changed { $0[25] = 6 },
        says: "this kind of PNG is not read (found RGB with transparency, \(unread)"),
      one(
        "png-grey-alpha", changed { $0[25] = 4 },
        says: "this kind of PNG is not read (found grey with transparency, \(unread)"),
      one(
        "png-interlaced", changed { $0[28] = 1 },
        says: "this kind of PNG is not read (found interlacing, \(unread)"),
      one(
        "png-header", Array(good.prefix(20)),
        says: "damaged PNG data (the data ends early). \(again)"),
      one(
        "png-cut", good.dropLast(40), says: "damaged PNG data (the data ends early). \(again)"),
      one(
        "png-checksum", changed { $0[29] ^= 1 },
        says: "damaged PNG data (IHDR: CRC error). \(again)"),
      one(
        "png-data", changed { $0[$0.count - 13] ^= 1 },
        says: "damaged PNG data (IDAT: CRC error). \(again)"),
      Case(
        name: "png-stray",
        message: "png-stray/b/2.gif: its name does not end in .png "
          + "(expected PNG files only). Convert it, or move it elsewhere.",
        files: ["a/1.png": good, "b/1.png": good, "b/2.gif": good]),
      Case(
        name: "png-classes",
        message: "png-classes: not a folder of classes (found 1 folders, expected 2 to 256). "
          + "Put the PNG files of each class into a folder of their own.",
        files: ["a/1.png": good]),
      Case(
        name: "png-train",
        message: "png-train: a folder test without a folder train. Add it, or "
          + "give the folder that holds the classes' folders.",
        files: ["test/a/1.png": good, "test/b/1.png": good]),
      Case(
        name: "png-unknown",
        message: "png-unknown/test/c: no such class to train on (expected one of a, b). "
          + "Rename the folder, or remove it.",
        files: ["train/a/1.png": good, "train/b/1.png": good, "test/c/1.png": good]),
    ]
  }

  @Test func everyPictureThatIsWrong() throws {
    let scratch = try Scratch()
    let pictures = try Self.pictures().map { (dataset: "folder", item: $0) }
    for (dataset, item) in Self.cifar() + pictures {
      for (file, bytes) in item.files { try scratch.write(bytes, "\(item.name)/\(file)") }
      try expect(item.message, ["--dataset", dataset, "--data-dir", item.name], in: scratch)
    }
  }

  @Test func everyFolderThatIsWrong() throws {
    let scratch = try Scratch()
    let (images, labels) = (Self.images, Self.labels)
    try scratch.write([1], "file")
    try scratch.write(Scratch.images(12), "half/\(images)")
    try scratch.write([1], "empty/readme")
    for (name, make) in [
      (
        "folder",
        { try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: true) }
      ),
      ("pipe", { #expect(mkfifo($0, 0o600) == 0) }),
      (
        "link",
        { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "gone") }
      ),
      (
        "device",
        { try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/dev/zero") }
      ),
    ] as [(String, (String) throws -> Void)] {
      try scratch.write(Scratch.labels(12), "\(name)/\(labels)")
      try make(scratch.path("\(name)/\(images)"))
    }
    let give = "Give the folder that holds the data set's files."
    let put = "Put the data set's file there instead."
    for (name, message) in [
      ("nowhere", "nowhere: no such folder. \(give)"),
      ("file", "file: is a file (expected a folder). \(give)"),
      (
        "half",
        "half: a file of the data set is missing (expected \(labels).gz or \(labels)). "
          + "Put it there, or name another folder with --data-dir."
      ),
      (
        "empty",
        "empty: no mnist files there (looked for \(images)[.gz] and \(labels)[.gz] in empty and "
          + "empty/mnist). "
          + "Put them there, or name another folder with --data-dir."
      ),
      ("folder", "folder/\(images): is a directory (expected a file). \(put)"),
      ("pipe", "pipe/\(images): is a named pipe (expected a regular file). \(put)"),
      ("device", "device/\(images): is a device (expected a regular file). \(put)"),
      (
        "link",
        "link/\(images): the link points to a file that does not exist. "
          + "Point the link to the file, or remove it."
      ),
    ] { try expect(message, ["--data-dir", name], in: scratch) }
    try expect(
      "kmnist: the data set is not on this computer…", ["--dataset", "kmnist", "--no-download"],
      in: scratch)
  }

  private func expect(_ message: String, _ arguments: [String], in scratch: Scratch) throws {
    let outcome = try Program.run(
      "train", arguments + ["--run-dir", "run", "--arch", "fc(classes)"], in: scratch)
    outcome.expectFailure(1, message)
    #expect(!scratch.exists("run"), "\(message)")
  }
}

extension Program.Outcome {
  /// Expects `error: ` and `message` as the only line that is no warning, the exit code, and nothing
  /// on standard output. A `…` in `message` stands for anything.
  func expectFailure(
    _ status: Int32, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(self.status == status, "\(message)\n\(errors)", sourceLocation: sourceLocation)
    #expect(output.isEmpty, "\(message)\n\(output)", sourceLocation: sourceLocation)
    #expect(errorLines.count == 1, "\(errors)", sourceLocation: sourceLocation)
    let mistake = BadInputTests.Mistake(status: status, says: message)
    #expect(mistake.matches(errorLines.first ?? ""), "\(errors)", sourceLocation: sourceLocation)
  }
}
