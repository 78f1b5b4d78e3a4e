import Testing

@testable import Tensors

@Suite struct TensorTests {
  @Test func slicesAndShapesAreViews() {
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

  /// Element (r, c) is at `(c / 32)·rows·32 + r·32 + c % 32`.
  @Test func panelsHold32Columns() {
    let arena = Arena()
    #expect(PanelMatrix.storageCount(rows: 3, columns: 32) == 96)
    #expect(PanelMatrix.storageCount(rows: 3, columns: 33) == 192)
    let matrix = PanelMatrix(rows: 3, columns: 40, at: arena.floats(192))
    #expect(matrix.panelCount == 2)
    #expect(matrix.columnRange(ofPanel: 0) == 0..<32)
    #expect(matrix.columnRange(ofPanel: 1) == 32..<40)
    #expect(matrix.panel(1) == matrix.base + 96)
    #expect(matrix.offset(0, 0) == 0)
    #expect(matrix.offset(2, 31) == 95)
    #expect(matrix.offset(0, 32) == 96)
    #expect(matrix.offset(2, 39) == 167)
    matrix[1, 35] = 7
    #expect(matrix.base[131] == 7 && matrix[1, 35] == 7)
    let offsets = (0..<3).flatMap { r in (0..<40).map { matrix.offset(r, $0) } }
    #expect(Set(offsets).count == 120)
  }

  @Test func shapesOfEveryRank() {
    #expect(Shape([7]).count == 7 && Shape([7]).countPerExample == 1 && Shape([7]).rank == 1)
    #expect(Shape([2, 0, 3]).count == 0)
    #expect(Shape([5, 4]).array == [5, 4] && Shape([5, 4])[1] == 4)
    #expect(Set([Shape([1, 2]), Shape([1, 2]), Shape([1, 2, 1])]).count == 2)
  }

  /// Scratch memory may grow while a context lives; every thread has its own.
  @Test func everyThreadHasItsScratch() {
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
