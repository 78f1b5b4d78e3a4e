import Testing

@testable import Datasets

@Suite struct IDXTests {
  @Test(arguments: [false, true])
  func imagesComeBack(compressed: Bool) throws {
    let pixels: [UInt8] = [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]
    let plain = HandMade.images(2, 3, 2, pixels: pixels)
    let content = try IDX.images(compressed ? HandMade.gzip(plain) : plain)
    #expect(content.extents == [2, 3, 2])
    #expect(content.count == 2)
    #expect(content.data == pixels)
  }

  @Test(arguments: [false, true])
  func labelsComeBack(compressed: Bool) throws {
    let plain = HandMade.labels([9, 0, 3])
    let content = try IDX.labels(compressed ? HandMade.gzip(plain) : plain, classes: 10)
    #expect(content.extents == [3])
    #expect(content.data == [9, 0, 3])
  }

  /// The hash is the output of `printf '\0\0\010\001\0\0\0\003\011\0\003' | sha256sum`.
  @Test func theHashIsOfTheWholePlainFile() throws {
    let plain = HandMade.labels([9, 0, 3])
    let expected = "986eff860bb4a75e844a5695ce7cf5b412c9a4b792923bef46bf8508a16f2a08"
    #expect(try IDX.labels(plain, classes: 10).sha256 == expected)
    #expect(try IDX.labels(HandMade.gzip(plain), classes: 10).sha256 == expected)
  }

  @Test func theLargestLabelIsOneBelowTheClasses() throws {
    #expect(try IDX.labels(HandMade.labels([255]), classes: 256).data == [255])
    #expect(throws: IDXError.label(255, index: 0, expected: 0..<255)) {
      try IDX.labels(HandMade.labels([255]), classes: 255)
    }
  }
}
