/// Animated PNG files (PNG specification, third edition, section 11.3.5): several images in one file, which
/// programs that do not know animations show as the first image.
///
/// libpng writes each image. The file has the header and the data of the first one, the data of the others as
/// `fdAT` chunks, and before each the `fcTL` chunk with its duration. All images are whole.
public enum AnimatedPNG {
  /// - Parameters:
  ///   - frames: at least one; all of one size and number of channels.
  ///   - milliseconds: the duration of each frame.
  ///   - lastMilliseconds: the duration of the last frame, before the animation begins again.
  public static func encode(
    _ frames: [Raster], milliseconds: Int, lastMilliseconds: Int
  ) throws(PNGError) -> [UInt8] {
    guard let first = frames.first else { preconditionFailure("AnimatedPNG of no frames") }
    precondition(
      frames.allSatisfy {
        ($0.width, $0.height, $0.channels) == (first.width, first.height, first.channels)
      }, "AnimatedPNG of frames of several sizes")
    precondition(
      (1...65_535).contains(milliseconds) && (1...65_535).contains(lastMilliseconds),
      "AnimatedPNG: \(milliseconds) and \(lastMilliseconds) milliseconds")
    var bytes: [UInt8] = []
    var sequence = 0
    for (index, frame) in frames.enumerated() {
      let chunks = Chunk.all(of: try PNG.encode(frame))
      if index == 0 {
        bytes += Chunk.signature
        for chunk in chunks.prefix(while: { $0.type != Chunk.data }) { bytes += chunk.bytes }
        // The number of frames, and 0: the animation is repeated for ever.
        bytes += Chunk("acTL", number(frames.count) + number(0)).bytes
      }
      let isLast = index == frames.count - 1
      bytes += control(frame, sequence, isLast ? lastMilliseconds : milliseconds).bytes
      sequence += 1
      for chunk in chunks where chunk.type == Chunk.data {
        if index == 0 {
          bytes += chunk.bytes
        } else {
          bytes += Chunk("fdAT", number(sequence) + chunk.content).bytes
          sequence += 1
        }
      }
    }
    return bytes + Chunk("IEND", []).bytes
  }

  /// The frame's number, size and place, its duration in thousandths of a second, and how it is drawn: it
  /// replaces the frame before.
  private static func control(_ frame: Raster, _ sequence: Int, _ milliseconds: Int) -> Chunk {
    Chunk(
      "fcTL",
      number(sequence) + number(frame.width) + number(frame.height) + number(0) + number(0)
        + short(milliseconds) + short(1000) + [0, 0])
  }

  private static func number(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func short(_ value: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value >> 8), UInt8(truncatingIfNeeded: value)]
  }

  /// A part of a PNG file: the number of its bytes, its type, its content and a checksum.
  private struct Chunk {
    static let signature: [UInt8] = [137, 80, 78, 71, 13, 10, 26, 10]
    static let data = Array("IDAT".utf8)

    let type: [UInt8]
    let content: [UInt8]

    init(_ type: String, _ content: [UInt8]) {
      (self.type, self.content) = (Array(type.utf8), content)
    }

    private init(type: [UInt8], content: [UInt8]) {
      (self.type, self.content) = (type, content)
    }

    var bytes: [UInt8] {
      AnimatedPNG.number(content.count) + type + content
        + AnimatedPNG.number(Int(CyclicRedundancyCheck.value(of: [type, content])))
    }

    /// The chunks of a file that libpng wrote.
    static func all(of file: [UInt8]) -> [Chunk] {
      var chunks: [Chunk] = []
      var place = signature.count
      while place + 12 <= file.count {
        let count = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
        chunks.append(
          Chunk(
            type: Array(file[place + 4..<place + 8]),
            content: Array(file[place + 8..<place + 8 + count])))
        place += 12 + count
      }
      return chunks
    }
  }
}

/// The checksum of a PNG chunk (PNG specification, annex D): CRC-32 of ISO 3309.
enum CyclicRedundancyCheck {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
    }
  }

  static func value(of parts: [[UInt8]]) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for part in parts {
      for byte in part { value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8 }
    }
    return ~value
  }
}
