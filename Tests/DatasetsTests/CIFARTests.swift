import TestSupport
import Testing

@testable import Datasets
@testable import Files

@Suite struct CIFARTests {
  @Test func theColorsOfAPixelStandSideBySide() throws {
    let content = try CIFAR.records(HandMade.cifar10, as: .cifar10)
    #expect(content.labels == [3, 0, 9])
    #expect(content.pixels.count == 3 * 3072)
    // Pixel (0, 0): red, green and blue are 1024 apart, which is 0 in a byte.
    #expect(content.pixels[0..<3] == [0, 0, 0])
    // Pixel (1, 2) of the second record is number 34 of each plane, and the planes start at 11.
    let second = 3072 + 3 * 34
    #expect(Array(content.pixels[second..<second + 3]) == [45, 45, 45])

    var planes = [UInt8](repeating: 7, count: 1024)
    planes += [UInt8](repeating: 8, count: 1024) + [UInt8](repeating: 9, count: 1024)
    planes[33] = 1
    planes[1024 + 33] = 2
    planes[2048 + 33] = 3
    let one = try CIFAR.records([5] + planes, as: .cifar10)
    #expect(one.labels == [5])
    #expect(Array(one.pixels[96..<105]) == [7, 8, 9, 1, 2, 3, 7, 8, 9])
  }

  @Test(arguments: [(CIFAR.Kind.cifar100Coarse, [19, 0]), (.cifar100Fine, [99, 7])])
  func aHundredClassesHaveTwoLabels(kind: CIFAR.Kind, labels: [UInt8]) throws {
    let file = HandMade.record([19, 99], start: 5) + HandMade.record([0, 7], start: 6)
    let content = try CIFAR.records(file, as: kind)
    #expect(content.labels == labels)
    #expect(content.pixels[0] == 5 && content.pixels[3072] == 6)
  }

  struct Bad: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let kind: CIFAR.Kind
    let bytes: [UInt8]
    let message: String

    static let table: [Bad] = [
      .init(
        testDescription: "one byte short", kind: .cifar10, bytes: HandMade.cifar10.dropLast(),
        message: "not whole CIFAR-10 records (found 9218 bytes, expected a multiple of 3073). "
          + "Get the file again."),
      .init(
        testDescription: "a CIFAR-100 file", kind: .cifar10,
        bytes: HandMade.record([1, 1], start: 0) + HandMade.record([2, 2], start: 0),
        message: "not whole CIFAR-10 records (found 6148 bytes, expected a multiple of 3073). "
          + "It looks like CIFAR-100: take --dataset cifar100."),
      .init(
        testDescription: "a CIFAR-10 file", kind: .cifar100Fine, bytes: HandMade.cifar10,
        message: "not whole CIFAR-100 records (found 9219 bytes, expected a multiple of 3074). "
          + "It looks like CIFAR-10: take --dataset cifar10."),
      .init(
        testDescription: "HTML", kind: .cifar10, bytes: Array("<!doctype html>".utf8),
        message: "not whole CIFAR-10 records (found an HTML page of 15 bytes, "
          + "expected a multiple of 3073). Get the file again."),
      .init(
        testDescription: "the archive itself", kind: .cifar10, bytes: [0x1f, 0x8b, 8, 0],
        message: "not whole CIFAR-10 records (found gzip data of 4 bytes, "
          + "expected a multiple of 3073). Get the file again."),
      .init(
        testDescription: "no bytes", kind: .cifar10, bytes: [],
        message: "not whole CIFAR-10 records (found 0 bytes, expected a multiple of 3073). "
          + "Get the file again."),
      .init(
        testDescription: "a label out of range", kind: .cifar10,
        bytes: HandMade.cifar10 + HandMade.record([10], start: 0),
        message: "a label is out of range (found 10 in record 3, expected 0 to 9). "
          + "Is it the file of another data set?"),
      .init(
        testDescription: "a coarse label out of range", kind: .cifar100Fine,
        bytes: HandMade.record([20, 5], start: 0),
        message: "a coarse label is out of range (found 20 in record 0, expected 0 to 19). "
          + "Is it the file of another data set?"),
      .init(
        testDescription: "a fine label out of range", kind: .cifar100Coarse,
        bytes: HandMade.record([3, 5], start: 0) + HandMade.record([3, 100], start: 0),
        message: "a fine label is out of range (found 100 in record 1, expected 0 to 99). "
          + "Is it the file of another data set?"),
    ]
  }

  @Test(arguments: Bad.table)
  func everyErrorIsOneLine(_ bad: Bad) throws {
    let error = try #require(throws: CIFARError.self) {
      try CIFAR.records(bad.bytes, as: bad.kind)
    }
    #expect("\(error). \(error.remedy)" == bad.message)
  }

  /// The batches are read in order, from the folder, its parent, or the data set's folder.
  @Test(arguments: ["", "cifar-10-batches-bin/", "cifar10/", "cifar10/cifar-10-batches-bin/"])
  func batchesAreConcatenated(place: String) throws {
    let folder = TemporaryFolder()
    for batch in 1...5 {
      try folder.write(
        HandMade.record([UInt8(batch)], start: batch), to: "\(place)data_batch_\(batch).bin")
    }
    try folder.write(HandMade.cifar10, to: "\(place)test_batch.bin")
    let train = try Dataset.load(name: "cifar10", split: .train, dataDirectory: folder.path)
    #expect(train.images.labels == [1, 2, 3, 4, 5])
    #expect(train.images.pixels[4 * 3072] == 5)
    #expect(train.files.count == 5 && !train.isVerified && train.notices.count == 5)
    #expect(
      train.notices[2].hasSuffix(
        "data_batch_3.bin: not the published data_batch_3.bin (found SHA-1 "
          + "\(Hash.sha1(of: HandMade.record([3], start: 3))), "
          + "expected 1dd00a74ab1d17a6e7d73e185b69dbf31242f295)."))
    let test = try Dataset.load(name: "cifar10", split: .test, dataDirectory: folder.path)
    #expect(test.images.count == 3)
    #expect([test.images.height, test.images.width, test.images.channels] == [32, 32, 3])
  }

  @Test func aMissingBatchIsTold() throws {
    let folder = TemporaryFolder()
    for batch in [1, 2, 4, 5] {
      try folder.write(HandMade.cifar10, to: "data_batch_\(batch).bin")
    }
    let error = try #require(throws: DatasetError.self) {
      try Dataset.load(name: "cifar10", split: .train, dataDirectory: folder.path)
    }
    #expect(
      error.description
        == "\(folder.path): a file of the data set is missing (expected data_batch_3.bin). "
        + "Put it there, or name another folder with --data-dir.")
  }

  /// SHA-1 of "abc" (FIPS 180-4).
  @Test func sha1OfTheStandardsExample() {
    #expect(
      Hash.sha1(of: Array("abc".utf8)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
  }
}
