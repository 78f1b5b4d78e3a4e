import Testing

@testable import Tensors

@Suite struct ArenaTests {
  /// The chunks that blocks take are known before they are allocated: no more and no fewer.
  @Test(arguments: [[100], [5000, 20_000, 3], [3_000_000, 100, 2_000_000, 5_000_000, 1_200_000]])
  func theFootprintIsWhatIsTaken(_ counts: [Int]) {
    let arena = Arena()
    for count in counts {
      let block = arena.bytes(count)
      #expect(Int(bitPattern: block) % 64 == 0)
      #expect(block[0] == 0 && block[count - 1] == 0)
    }
    let counting = Arena(touches: false)
    for count in counts { _ = counting.bytes(count) }
    #expect(counting.blockSizes == arena.blockSizes)
    let taken = arena.chunks.reduce(0) { $0 + $1.byteCount }
    #expect(Arena.footprint(ofBlocks: arena.blockSizes) == taken)
  }

  @Test(arguments: [1 << 14, 1 << 21, 6 << 20]) func chunksOfLargePagesStartAtOne(_ count: Int) {
    let chunk = Chunk(byteCount: count)
    defer { chunk.free() }
    let unit = count < Chunk.largePage ? 64 : Chunk.largePage
    #expect(Int(bitPattern: chunk.start) % unit == 0)
  }
}
