import Foundation

extension DataMessageTests {
  /// Files of CIFAR, each in its own folder.
  static func cifar() -> [(dataset: String, item: Case)] {
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

  /// A folder of images whose class `b` has an invalid image or another file.
  static func folderImages() throws -> [Case] {
    func bytes(_ name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: Program.packageFolder.appending(path: "docs/images/\(name)")))
    }
    // An image that the package drew.
    let good = try bytes("filters-conv1.png")
    func changed(_ change: (inout [UInt8]) -> Void) -> [UInt8] {
      var bytes = good
      change(&bytes)
      return bytes
    }
    let kinds = "expected a PNG or JPEG image). Convert it, or remove it."
    let hint = "Or leave it out with --skip-unreadable."
    let again = "Get the file again, or remove it."
    func one(_ name: String, _ bytes: [UInt8], says message: String) -> Case {
      Case(
        name: name, message: "\(name)/b/2.png: \(message) \(hint)",
        files: ["a/1.png": good, "b/1.png": good, "b/2.png": bytes])
    }
    return [
      one("png-empty", [], says: "the file is empty. Get the file again."),
      one(
        "png-html", Array("<html></html>".utf8),
        says: "not an image that is read (found an HTML page, \(kinds)"),
      one(
        "png-gif", Array("GIF89a".utf8),
        says: "not an image that is read (found a GIF image, \(kinds)"),
      one(
        "jpeg-cut", [0xFF, 0xD8, 0xFF, 0xE0],
        says: "damaged JPEG data (the data ends early). \(again)"),
      one(
        "jpeg-scan", [0xFF, 0xD8, 0xFF, 0xDA, 0, 2],
        says: "damaged JPEG data (no frame header). \(again)"),
      one(
        "jpeg-large", [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0x11, 0],
        says:
          "the JPEG is too large (found 65535×65535, expected sides of at most 16384 and at most "
          + "67108864 pixels). Make it smaller, or remove it."),
      one(
        "jpeg-two", [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 1, 0, 1, 2, 1, 0x11, 0],
        says: "this kind of JPEG is not read (found 2 components, expected 1, 3 or 4). "
          + "Convert it, or remove it."),
      one(
        "png-wide", changed { $0.replaceSubrange(16..<20, with: [0, 0, 0x40, 1]) },
        says: "the PNG is too large (found 16385×…, expected sides of at most 16384 and …"),
      one(
        "png-none", changed { $0.replaceSubrange(20..<24, with: [0, 0, 0, 0]) },
        says: "the PNG has no pixels (found …×0, expected at least 1×1). \(again)"),
      one(
        "png-depth", changed { $0[24] = 3 },
        says: "damaged PNG data (3 bits a channel for color type …). \(again)"),
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
        message: "png-stray/b/2.gif: its name does not end in .png, .jpg or .jpeg "
          + "(expected images only). Convert it, or move it elsewhere. \(hint)",
        files: ["a/1.png": good, "b/1.png": good, "b/2.gif": good]),
      Case(
        name: "png-classes",
        message: "png-classes: not a folder of classes (found 1 folders, expected 2 to 256). "
          + "Put the images of each class into a folder of their own.",
        files: ["a/1.png": good]),
      Case(
        name: "png-train",
        message: "png-train: a folder test without a folder train. Add it, or "
          + "give the folder that holds the classes' folders.",
        files: ["test/a/1.png": good, "test/b/1.png": good]),
      Case(
        name: "png-unknown",
        message: "png-unknown/test/c: no such class to train on (expected a or b). "
          + "Rename the folder, or remove it.",
        files: ["train/a/1.png": good, "train/b/1.png": good, "test/c/1.png": good]),
    ]
  }
}
