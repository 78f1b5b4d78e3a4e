import Foundation
import Testing

/// The exact messages about invalid files of data sets: one line, exit code 1, no output files.
@Suite struct DataMessageTests {
  private static let images = "train-images-idx3-ubyte"
  private static let labels = "train-labels-idx1-ubyte"
  static let again = "Get the file again."
  static let other = "Is it the file of another data set?"

  struct Case {
    let name: String
    let message: String
    let files: [String: [UInt8]]
  }

  /// Files of 12 images, with one of them changed or, if `bytes` is nil, missing.
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

  @Test func everyInvalidFileIsOneLine() throws {
    let scratch = try Scratch()
    for item in Self.idx() + (try Self.gzip()) {
      for (file, bytes) in item.files { try scratch.write(bytes, "\(item.name)/\(file)") }
      try expect(item.message, ["--data-dir", item.name], in: scratch)
    }
  }

  @Test func everyInvalidImageIsOneLine() throws {
    let scratch = try Scratch()
    let images = try Self.folderImages().map { (dataset: "folder", item: $0) }
    for (dataset, item) in Self.cifar() + images {
      for (file, bytes) in item.files { try scratch.write(bytes, "\(item.name)/\(file)") }
      try expect(item.message, ["--dataset", dataset, "--data-dir", item.name], in: scratch)
    }
  }

  @Test func everyInvalidFolderIsOneLine() throws {
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
  /// Expects `error: ` and `message` as the only line besides warnings, the exit code, and no
  /// standard output. A `…` in `message` stands for any text.
  func expectFailure(
    _ status: Int32, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(self.status == status, "\(message)\n\(errors)", sourceLocation: sourceLocation)
    #expect(output.isEmpty, "\(message)\n\(output)", sourceLocation: sourceLocation)
    #expect(errorLines.count == 1, "\(errors)", sourceLocation: sourceLocation)
    let mistake = BadInputTests.Mistake(status: status, says: message)
    #expect(mistake.matches(errorLines.first ?? ""), "\(errors)", sourceLocation: sourceLocation)
    let fault = MessageShape.fault(of: String((errorLines.first ?? "").dropFirst("error: ".count)))
    #expect(fault == nil, "\(fault ?? ""): \(errors)", sourceLocation: sourceLocation)
  }
}
