import Testing

@testable import Reports

@Suite struct AnimatedPNGTests {
  private struct Chunk {
    let type: String
    let content: [UInt8]
  }

  /// The chunks of a file, after a check of their checksums bit by bit.
  private func chunks(_ bytes: [UInt8]) -> [Chunk] {
    #expect(bytes[..<8] == [137, 80, 78, 71, 13, 10, 26, 10])
    var chunks: [Chunk] = []
    var place = 8
    while place < bytes.count {
      let count = number(bytes[place..<place + 4])
      let body = bytes[place + 4..<place + 8 + count]
      var sum: UInt32 = 0xFFFF_FFFF
      for byte in body {
        for bit in 0..<8 {
          let feedback = (sum ^ UInt32(byte) >> UInt32(bit)) & 1
          sum = sum >> 1 ^ (feedback == 1 ? 0xEDB8_8320 : 0)
        }
      }
      #expect(number(bytes[place + 8 + count..<place + 12 + count]) == Int(~sum))
      chunks.append(
        Chunk(
          type: String(decoding: body.prefix(4), as: UTF8.self), content: Array(body.dropFirst(4))))
      place += 12 + count
    }
    return chunks
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  private func frame(_ seed: Int) -> Raster {
    Raster(
      width: 5, height: 3, channels: 3,
      pixels: (0..<45).map { UInt8(truncatingIfNeeded: $0 * seed * 7) })
  }

  @Test func framesFollowEachOtherInOneFile() throws {
    let frames = [frame(1), frame(2), frame(3)]
    // libpng says that the colors are those of sRGB.
    let chunks = chunks(
      try AnimatedPNG.encode(frames, milliseconds: 400, lastMilliseconds: 2000)
    ).filter { $0.type != "sRGB" }
    #expect(
      chunks.map(\.type) == [
        "IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND",
      ])
    #expect(chunks[1].content == [0, 0, 0, 3, 0, 0, 0, 0])
    let controls = chunks.filter { $0.type == "fcTL" }.map(\.content)
    #expect(controls.map { number($0[0..<4]) } == [0, 1, 3])
    #expect(controls.map { number($0[20..<22]) } == [400, 400, 2000])
    for control in controls {
      #expect(control.count == 26)
      #expect(control[4..<20] == [0, 0, 0, 5, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0])
      #expect(control[22..<26] == [3, 232, 0, 0])
    }
    let data = chunks.filter { $0.type == "fdAT" }.map(\.content)
    #expect(data.map { number($0[0..<4]) } == [2, 4])
    // The data of a frame are those of its own file.
    for (index, content) in data.enumerated() {
      let own = self.chunks(try PNG.encode(frames[index + 1])).filter { $0.type == "IDAT" }
      #expect(own.flatMap(\.content) == Array(content.dropFirst(4)))
    }
  }

  @Test func theChecksumIsThatOfTheStandard() {
    #expect(
      CyclicRedundancyCheck.value(of: [Array("1234".utf8), Array("56789".utf8)]) == 0xCBF4_3926)
  }
}
