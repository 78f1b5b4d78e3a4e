import Tensors
import Testing

@testable import Datasets

/// Random numbers for the standard library that are equal in every run.
struct TestNumbers: RandomNumberGenerator {
  private var random: Random

  init(seed: UInt64) { random = Random(seed: seed, domain: .shuffle) }

  mutating func next() -> UInt64 {
    UInt64(random.nextBits()) << 32 | UInt64(random.nextBits())
  }
}

/// An image with its own memory.
struct SmallImage: Equatable {
  let height: Int
  let width: Int
  let channels: Int
  var bytes: [UInt8]

  init(_ height: Int, _ width: Int, _ channels: Int, _ bytes: [UInt8]) {
    (self.height, self.width, self.channels, self.bytes) = (height, width, channels, bytes)
    precondition(bytes.count == height * width * channels)
  }

  /// A gray image.
  init(_ height: Int, _ width: Int, _ bytes: [UInt8]) { self.init(height, width, 1, bytes) }

  /// A copy that `change` modifies; `change` may read the original.
  func changed(_ change: (ImageBytes, UnsafePointer<UInt8>) -> Void) -> [UInt8] {
    var result = bytes
    bytes.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        change(
          ImageBytes(
            height: height, width: width, channels: channels, bytes: target.baseAddress!),
          source.baseAddress!)
      }
    }
    return result
  }

  func value(_ y: Int, _ x: Int, _ channel: Int = 0) -> UInt8 {
    bytes[(y * width + x) * channels + channel]
  }

  static func random(_ height: Int, _ width: Int, _ channels: Int, seed: UInt64) -> SmallImage {
    var random = TestNumbers(seed: seed)
    return SmallImage(
      height, width, channels,
      (0..<height * width * channels).map { _ in UInt8.random(in: 0...255, using: &random) })
  }
}

@Suite struct ImageBytesTests {
  private let three = SmallImage(
    3, 3,
    [
      1, 2, 3,  //
      4, 5, 6,  //
      7, 8, 9,
    ])

  @Test func flipMirrorsLeftAndRight() {
    #expect(three.changed { image, _ in image.flip() } == [3, 2, 1, 6, 5, 4, 9, 8, 7])
    let colors = SmallImage(1, 2, 3, [1, 2, 3, 4, 5, 6])
    #expect(colors.changed { image, _ in image.flip() } == [4, 5, 6, 1, 2, 3])
    let even = SmallImage.random(4, 6, 3, seed: 1)
    #expect(
      even.changed { image, _ in
        image.flip()
        image.flip()
      } == even.bytes)
  }

  @Test func translatesWithZeros() {
    #expect(
      three.changed { $0.translate($1, dy: 1, dx: 0, .zero) } == [0, 0, 0, 1, 2, 3, 4, 5, 6])
    #expect(
      three.changed { $0.translate($1, dy: -1, dx: 2, .zero) } == [0, 0, 4, 0, 0, 7, 0, 0, 0])
    #expect(three.changed { $0.translate($1, dy: 0, dx: 0, .zero) } == three.bytes)
  }

  /// As `torch.nn.functional.pad(mode="reflect")`: the outermost pixels are not repeated.
  @Test func translatesWithReflection() {
    #expect(
      three.changed { $0.translate($1, dy: 1, dx: 0, .reflect) } == [4, 5, 6, 1, 2, 3, 4, 5, 6])
    #expect(
      three.changed { $0.translate($1, dy: 0, dx: 2, .reflect) } == [3, 2, 1, 6, 5, 4, 9, 8, 7])
    #expect(
      three.changed { $0.translate($1, dy: -2, dx: -1, .reflect) } == [8, 9, 8, 5, 6, 5, 2, 3, 2])
    #expect(three.changed { $0.translate($1, dy: 0, dx: 0, .reflect) } == three.bytes)
  }

  /// Compares with the definition by images with padding.
  @Test(arguments: Augmentation.Padding.allCases)
  func translatesAsAPaddedImageIsCropped(_ padding: Augmentation.Padding) {
    let image = SmallImage.random(5, 7, 3, seed: 2)
    func padded(_ y: Int, _ x: Int, _ channel: Int) -> UInt8 {
      let inside = (0..<5).contains(y) && (0..<7).contains(x)
      if !inside && padding == .zero { return 0 }
      return image.value(min(abs(y), 8 - y), min(abs(x), 12 - x), channel)
    }
    for dy in -4...4 {
      for dx in -4...4 {
        let found = image.changed { $0.translate($1, dy: dy, dx: dx, padding) }
        let expected = (0..<5).flatMap { y in
          (0..<7).flatMap { x in (0..<3).map { padded(y - dy, x - dx, $0) } }
        }
        #expect(found == expected, "\(dy), \(dx)")
      }
    }
  }

  @Test func fillIsClippedToTheImage() {
    let color: [UInt8] = [7, 8]
    let image = SmallImage(2, 3, 2, [UInt8](repeating: 0, count: 12))
    #expect(
      image.changed { image, _ in image.fill(rows: -3..<1, columns: 1..<9, with: color) }
        == [0, 0, 7, 8, 7, 8, 0, 0, 0, 0, 0, 0])
    #expect(
      image.changed { image, _ in image.fill(rows: 2..<9, columns: 0..<9, with: color) }
        == image.bytes)
  }

  @Test func stretchScalesTheDistanceFromTheCenter() {
    let image = SmallImage(1, 5, [0, 1, 100, 200, 255])
    // A factor of ½: halves are rounded up.
    #expect(
      image.changed { image, _ in image.stretch(by: 32_768, about: 0) } == [
        0, 1, 50, 100, 128,
      ])
    #expect(
      image.changed { image, _ in image.stretch(by: 98_304, about: 0) } == [
        0, 2, 150, 255, 255,
      ])
    // Twice the distance from 100: −100, −98, 100, 300, 410.
    #expect(
      image.changed { image, _ in image.stretch(by: 131_072, about: 100) } == [
        0, 0, 100, 255, 255,
      ])
    #expect(
      image.changed { image, _ in image.stretch(by: 0, about: 100) } == [
        100, 100, 100, 100, 100,
      ])
    #expect(
      image.changed { image, _ in image.stretch(by: 65_536, about: 37) } == image.bytes)
  }

  @Test func meanGrayUsesTheWeightsOfBT601() {
    func mean(_ channels: Int, _ bytes: [UInt8]) -> Int {
      var result = 0
      _ = SmallImage(1, bytes.count / channels, channels, bytes).changed { image, _ in
        result = image.meanGray
      }
      return result
    }
    #expect(mean(1, [1, 2]) == 2)  // 1.5
    #expect(mean(1, [1, 1, 2]) == 1)
    // 0.299, 0.587 and 0.114 times 255.
    #expect(mean(3, [255, 0, 0]) == 76)
    #expect(mean(3, [0, 255, 0]) == 150)
    #expect(mean(3, [0, 0, 255]) == 29)
    #expect(mean(3, [255, 255, 255]) == 255)
    #expect(mean(3, [255, 0, 0, 0, 255, 0]) == 113)
  }

  @Test func mixesAndPastes() {
    let (a, b) = (SmallImage(1, 4, [0, 100, 255, 10]), [UInt8](repeating: 50, count: 4))
    #expect(a.changed { image, _ in image.mix(with: b, share: 16_384) } == [38, 63, 101, 40])
    #expect(a.changed { image, _ in image.mix(with: b, share: 65_536) } == a.bytes)
    #expect(a.changed { image, _ in image.mix(with: b, share: 0) } == b)
    let other: [UInt8] = [11, 12, 13, 14, 15, 16, 17, 18, 19]
    #expect(
      three.changed { image, _ in image.paste(other, rows: 1..<3, columns: 0..<2) }
        == [1, 2, 3, 14, 15, 6, 17, 18, 9])
    #expect(
      three.changed { image, _ in image.paste(other, rows: 1..<3, columns: 3..<3) }
        == three.bytes)
  }
}
