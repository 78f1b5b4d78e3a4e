import JPEGBridge

/// Reads JPEG files through libjpeg-turbo, as gray or RGB, upright by EXIF's orientation.
///
/// CMYK is converted as by Pillow. Arithmetic coding is read if the system's library reads it.
enum JPEGReader {
  /// The start of every file: the marker SOI, and the first byte of another marker.
  static let signature: [UInt8] = [0xff, 0xd8, 0xff]

  static func image(_ bytes: [UInt8]) throws(ImageReadError) -> Image {
    guard let header = try header(bytes) else { throw .damaged(.jpeg, "the data ends early") }
    let count = header.width * header.height * header.channels
    let pixels = try ImageReader.pixels(
      count: count, kept: count, messageCapacity: Int(jpeg_bridge_message_capacity), .jpeg
    ) { pixels, message in
      jpeg_bridge_decode(
        bytes, bytes.count, UInt32(header.width), UInt32(header.height), Int32(header.channels),
        pixels, message) == 1
    }
    return Image(
      width: header.width, height: header.height, channels: header.channels, pixels: pixels
    ).upright(from: header.orientation)
  }

  /// The header in `bytes`: the first frame header, and the orientation before it (ITU-T T.81,
  /// annex B).
  ///
  /// - Returns: nil if `bytes` end before the frame header.
  static func header(_ bytes: [UInt8]) throws(ImageReadError) -> ImageReader.Header? {
    var place = 2
    var orientation: Int?
    while true {
      // A marker: any number of bytes FF, and its code.
      guard place < bytes.count else { return nil }
      guard bytes[place] == 0xff else { throw .damaged(.jpeg, "no marker where one belongs") }
      while place < bytes.count, bytes[place] == 0xff { place += 1 }
      guard place < bytes.count else { return nil }
      let code = bytes[place]
      place += 1
      switch code {
      case 0x01, 0xd0...0xd7: continue  // markers without a segment
      case 0x00, 0xd8: throw .damaged(.jpeg, "no marker where one belongs")
      case 0xd9, 0xda: throw .damaged(.jpeg, "no frame header")
      default: break
      }
      guard place + 2 <= bytes.count else { return nil }
      let length = Int(bytes[place]) << 8 | Int(bytes[place + 1])
      guard length >= 2 else { throw .damaged(.jpeg, "a segment of length \(length)") }
      let end = place + length
      guard end <= bytes.count else { return nil }
      let segment = bytes[place + 2..<end]
      if code == 0xe1, orientation == nil { orientation = EXIF.orientation(segment) }
      // SOF0 to SOF15, without DHT, JPG and DAC.
      if (0xc0...0xcf).contains(code), ![0xc4, 0xc8, 0xcc].contains(code) {
        return try frame(segment, orientation: orientation ?? 1)
      }
      place = end
    }
  }

  private static func frame(
    _ segment: ArraySlice<UInt8>, orientation: Int
  ) throws(ImageReadError) -> ImageReader.Header {
    guard segment.count >= 6 else { throw .damaged(.jpeg, "a frame header that is too short") }
    let start = segment.startIndex
    let height = Int(segment[start + 1]) << 8 | Int(segment[start + 2])
    let width = Int(segment[start + 3]) << 8 | Int(segment[start + 4])
    try ImageReader.check(.jpeg, width: width, height: height)
    let (depth, components) = (segment[start], segment[start + 5])
    guard depth == 8 else {
      throw .unsupported(.jpeg, found: "\(depth) bits a channel", expected: "8")
    }
    guard [1, 3, 4].contains(components) else {
      throw .unsupported(.jpeg, found: "\(components) components", expected: "1, 3 or 4")
    }
    return ImageReader.Header(
      width: width, height: height, channels: components == 1 ? 1 : 3, orientation: orientation)
  }
}
