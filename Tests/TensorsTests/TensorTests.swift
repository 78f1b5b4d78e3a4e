import Testing

@testable import Tensors

@Suite struct TensorTests {
  @Test func arenaBlocksAreAlignedAndZero() {
    let arena = Arena()
    for count in [1, 17, 100_000, 3_000_000] {
      let floats = arena.floats(count)
      #expect(Int(bitPattern: floats) % 64 == 0)
      #expect((0..<count).allSatisfy { floats[$0] == 0 })
      // The next block must be zero, even where this one was written.
      floats.update(repeating: 1, count: count)
    }
  }

  @Test func examplesAndReshapedTensorsAreViews() {
    let arena = Arena()
    let tensor = arena.tensor([4, 2, 3])
    for i in 0..<24 { tensor.base[i] = Float(i) }
    let slice = tensor.examples(1..<3)
    #expect(slice.shape == [2, 2, 3])
    #expect(Array(slice.elements) == (6..<18).map(Float.init))
    #expect(tensor.examples(2..<2).count == 0)
    #expect(tensor.examples(0..<4).base == tensor.base)

    let rows = slice.reshaped(to: [2, 6])
    #expect(rows.base == slice.base && rows.shape == [2, 6])
    rows.fill(with: -1)
    #expect(
      Array(tensor.elements) == (0..<24).map { 6..<18 ~= $0 ? -1 : Float($0) })
  }

  /// Element (r, c) has the index `(c / 32)·rows·32 + r·width + c % 32`. A last panel of few columns has a width of 16.
  @Test func panelsHold32Columns() {
    let arena = Arena()
    #expect(PanelMatrix.storageCount(rows: 3, columns: 32) == 96)
    #expect(PanelMatrix.storageCount(rows: 3, columns: 33) == 144)
    #expect(PanelMatrix.storageCount(rows: 3, columns: 48) == 144)
    #expect(PanelMatrix.storageCount(rows: 3, columns: 49) == 192)
    let matrix = PanelMatrix(rows: 3, columns: 40, at: arena.floats(144))
    #expect(matrix.panelCount == 2)
    #expect(matrix.width(ofPanel: 0) == 32 && matrix.width(ofPanel: 1) == 16)
    #expect(PanelMatrix.width(ofPanel: 1, columns: 49) == 32)
    #expect(matrix.columnRange(ofPanel: 0) == 0..<32)
    #expect(matrix.columnRange(ofPanel: 1) == 32..<40)
    #expect(matrix.panel(1) == matrix.base + 96)
    #expect(matrix.offset(0, 0) == 0)
    #expect(matrix.offset(2, 31) == 95)
    #expect(matrix.offset(0, 32) == 96)
    #expect(matrix.offset(2, 39) == 135)
    matrix[1, 35] = 7
    #expect(matrix.base[115] == 7 && matrix[1, 35] == 7)
    let offsets = (0..<3).flatMap { r in (0..<40).map { matrix.offset(r, $0) } }
    #expect(Set(offsets).count == 120)
  }

  @Test func aShapesCountIsTheProductOfItsExtents() {
    let shape: Shape = [5, 4, 3, 2]
    #expect(shape.count == 120 && shape.countPerExample == 24 && shape.rank == 4)
    #expect(Shape([7]).count == 7 && Shape([7]).countPerExample == 1 && Shape([7]).rank == 1)
    #expect(Shape([2, 0, 3]).count == 0)
    #expect(shape.with(examples: 2) == [2, 4, 3, 2])
    #expect(Shape([5, 4]).array == [5, 4] && Shape([5, 4])[1] == 4)
    #expect(shape.description == "[5, 4, 3, 2]")
  }

  @Test func shapesOfDifferentRankAreNotEqual() {
    #expect(Shape([7, 3]) != Shape([7, 3, 1]))
    #expect(Set([Shape([1, 2]), Shape([1, 2]), Shape([1, 2, 1])]).count == 2)
  }

  /// Also after the scratch memory has grown.
  @Test func everyThreadHasItsOwnScratchMemory() {
    let context = Context(threadCount: 3)
    for count in [10, 1_000, 500] {
      context.reserveScratch(count)
      for worker in 0..<3 {
        context.scratch(of: worker).update(repeating: Float(worker), count: count)
      }
      for worker in 0..<3 {
        let scratch = UnsafeBufferPointer(start: context.scratch(of: worker), count: count)
        #expect(scratch.allSatisfy { $0 == Float(worker) })
      }
    }
  }
}
