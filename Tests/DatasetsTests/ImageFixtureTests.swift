import Foundation
import Testing

@testable import Datasets

/// A small image file, and its pixels by Pillow. `scripts/make-image-fixtures` writes them.
struct ImageFixture: Decodable, CustomTestStringConvertible, Sendable {
  let name: String
  let file: [UInt8]
  let width: Int
  let height: Int
  let channels: Int
  let pixels: [UInt8]

  var testDescription: String { name }

  private enum Key: CodingKey { case name, file, width, height, channels, pixels }

  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    name = try values.decode(String.self, forKey: .name)
    file = [UInt8](try values.decode(Data.self, forKey: .file))
    width = try values.decode(Int.self, forKey: .width)
    height = try values.decode(Int.self, forKey: .height)
    channels = try values.decode(Int.self, forKey: .channels)
    pixels = [UInt8](try values.decode(Data.self, forKey: .pixels))
  }

  static func all() throws -> [ImageFixture] {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/images.json")
    return try JSONDecoder().decode([ImageFixture].self, from: Data(contentsOf: path))
  }

  static func named(_ name: String) throws -> ImageFixture {
    try #require(try all().first { $0.name == name })
  }
}

@Suite struct ImageFixtureTests {
  @Test func everyKindIsThere() throws {
    let names = Set(try ImageFixture.all().map(\.name))
    #expect(names.count == 67)
    for depth in [1, 2, 4, 8, 16] { #expect(names.contains("gray-\(depth)-interlaced")) }
    for orientation in 1...8 { #expect(names.contains("jpeg-orientation-\(orientation)")) }
  }

  /// Pixels of PNG are equal to Pillow's, and those of JPEG differ by at most 1.
  @Test(arguments: try ImageFixture.all())
  func pixelsArePillows(_ fixture: ImageFixture) throws {
    let image = try ImageReader.image(fixture.file)
    let size: [Int] = [image.width, image.height, image.channels]
    let expected: [Int] = [fixture.width, fixture.height, fixture.channels]
    #expect(size == expected)
    let difference = zip(image.pixels, fixture.pixels).map { abs(Int($0) - Int($1)) }.max()
    #expect(try #require(difference) <= (fixture.name.hasPrefix("jpeg") ? 1 : 0))
  }

  /// The header, which is read first, agrees with the image.
  @Test(arguments: try ImageFixture.all())
  func headersAgree(_ fixture: ImageFixture) throws {
    let header = try #require(try ImageReader.header(fixture.file))
    #expect(header.channels == fixture.channels)
    let isTurned = header.orientation > 4
    #expect(header.width == (isTurned ? fixture.height : fixture.width))
  }

  /// A file that is cut off anywhere is an error, and not an image.
  @Test(arguments: [
    "rgb-alpha-16-interlaced", "palette-transparent", "jpeg-420-33x31", "jpeg-cmyk",
  ])
  func aFileThatEndsEarlyIsRefused(_ name: String) throws {
    let file = try ImageFixture.named(name).file
    for count in 1..<file.count {
      #expect(throws: ImageReadError.self, "\(count) bytes") {
        try ImageReader.image(Array(file.prefix(count)))
      }
    }
  }
}
