import Testing

@testable import Tensors

/// The three products of fully connected layers, compared bit by bit with their definition: each element is
/// one chain of fused multiply-adds in the order of its terms, for all kernel sets and any number of threads.
/// The chains of a product with many terms and few columns are cut into parts of equal length.
@Suite struct MatrixProductTests {
  struct Extents: CustomStringConvertible {
    let rows: Int
    let inputs: Int
    let outputs: Int
    /// The parts of the chains of `x·W`.
    var parts = 1
    var description: String { "[\(rows), \(inputs)] · [\(inputs), \(outputs)]" }
  }

  /// Sizes around those of register blocks, panels and tasks, and 100 random ones.
  static let extents: [Extents] = {
    var random = Random(seed: 12, domain: .augmentation)
    var extents = [
      Extents(rows: 1, inputs: 1, outputs: 1), Extents(rows: 1, inputs: 300, outputs: 10),
      Extents(rows: 56, inputs: 3, outputs: 32), Extents(rows: 57, inputs: 4, outputs: 33),
      Extents(rows: 113, inputs: 2, outputs: 5), Extents(rows: 3, inputs: 112, outputs: 31),
      Extents(rows: 2, inputs: 113, outputs: 64), Extents(rows: 33, inputs: 449, outputs: 3),
      Extents(rows: 32, inputs: 32, outputs: 65), Extents(rows: 31, inputs: 7, outputs: 16),
      Extents(rows: 3, inputs: 2_047, outputs: 5),
      Extents(rows: 3, inputs: 2_048, outputs: 5, parts: 2),
      Extents(rows: 58, inputs: 3_100, outputs: 40, parts: 3),
      Extents(rows: 2, inputs: 5_001, outputs: 200, parts: 2),
      Extents(rows: 2, inputs: 3_000, outputs: 300),
      Extents(rows: 1_027, inputs: 60, outputs: 49),
    ]
    for _ in 0..<100 {
      extents.append(
        Extents(
          rows: 1 + random.integer(below: 40), inputs: 1 + random.integer(below: 60),
          outputs: 1 + random.integer(below: 70)))
    }
    return extents
  }()

  /// The rows of a matrix in the memory of another, for a last panel of 32 and one of 16 columns.
  @Test(arguments: [64, 70, 33, 16, 5]) func someRowsAreAMatrix(_ columns: Int) {
    let arena = Arena()
    let whole = PanelMatrix(
      rows: 9, columns: columns,
      at: arena.floats(PanelMatrix.storageCount(rows: 9, columns: columns)))
    for r in 0..<9 { for c in 0..<columns { whole[r, c] = Float(100 * r + c) } }
    let part = whole.rows(2..<8).rows(1..<4)
    #expect(part.rows == 3 && part.columns == columns)
    for r in 0..<3 {
      for c in 0..<columns {
        #expect(part[r, c] == Float(100 * (3 + r) + c))
        let panel = c / PanelMatrix.panelWidth
        let place = r * part.width(ofPanel: panel) + c % PanelMatrix.panelWidth
        #expect(part.panel(panel)[place] == part[r, c])
      }
    }
  }

  private struct Operands {
    let extents: Extents
    let x: [Float]
    let weight: [Float]
    let bias: [Float]
    let dy: [Float]

    init(_ extents: Extents, _ random: inout Random) {
      func draw(_ count: Int) -> [Float] { (0..<count).map { _ in 2 * random.uniform() - 1 } }
      self.extents = extents
      x = draw(extents.rows * extents.inputs)
      weight = draw(extents.inputs * extents.outputs)
      bias = draw(extents.outputs)
      dy = draw(extents.rows * extents.outputs)
    }

    /// `x·W + b`
    var product: [Float] {
      elements(extents.rows, extents.outputs) { n, o in
        (0..<extents.parts).map { part in
          let first = extents.inputs * part / extents.parts
          let end = extents.inputs * (part + 1) / extents.parts
          return chain(part == 0 ? bias[o] : 0, end - first) {
            (x[n * extents.inputs + first + $0], weight[(first + $0) * extents.outputs + o])
          }
        }.reduce(nil as Float?) { sum, part in sum.map { $0 + part } ?? part }!
      }
    }

    /// `W + xᵀ·dy`: the gradient, added to the values of the matrix.
    var outerProduct: [Float] {
      elements(extents.inputs, extents.outputs) { i, o in
        chain(weight[i * extents.outputs + o], extents.rows) {
          (x[$0 * extents.inputs + i], dy[$0 * extents.outputs + o])
        }
      }
    }

    /// `b + Σ dy`
    var sums: [Float] {
      (0..<extents.outputs).map { o in
        (0..<extents.rows).reduce(bias[o]) { $0 + dy[$1 * extents.outputs + o] }
      }
    }

    /// `dy·Wᵀ`
    var transposedProduct: [Float] {
      elements(extents.rows, extents.inputs) { n, i in
        chain(0, extents.outputs) {
          (dy[n * extents.outputs + $0], weight[i * extents.outputs + $0])
        }
      }
    }

    private func elements(
      _ rows: Int, _ columns: Int, _ element: (Int, Int) -> Float
    ) -> [Float] {
      (0..<rows * columns).map { element($0 / columns, $0 % columns) }
    }

    private func chain(_ start: Float, _ count: Int, _ term: (Int) -> (Float, Float)) -> Float {
      var sum = start
      for k in 0..<count {
        let (a, b) = term(k)
        sum.addProduct(a, b)
      }
      return sum
    }
  }

  @Test func everyElementIsAChainOfFusedMultiplyAdds() {
    var random = Random(seed: 13, domain: .augmentation)
    let contexts = KernelSet.available.flatMap { set in
      (1...4).map { Context(threadCount: $0, kernelSet: set) }
    }
    for (number, extents) in Self.extents.enumerated() {
      let operands = Operands(extents, &random)
      let product = operands.product
      let outerProduct = operands.outerProduct
      let sums = operands.sums
      let transposedProduct = operands.transposedProduct
      for context in contexts where context.threadCount == 1 + number % 4 {
        let label = "\(extents), \(context.kernelSet), \(context.threadCount) threads"
        let found = results(operands, context)
        #expect(found.product == product, "x·W of \(label)")
        #expect(found.outerProduct == outerProduct, "xᵀ·dy of \(label)")
        #expect(found.sums == sums, "Σ dy of \(label)")
        #expect(found.transposedProduct == transposedProduct, "dy·Wᵀ of \(label)")
        #expect(found.padding.allSatisfy { $0 == 0 }, "padding of \(label)")
      }
    }
  }

  private struct Results {
    var product: [Float]
    var outerProduct: [Float]
    var sums: [Float]
    var transposedProduct: [Float]
    /// The padding of the matrix after a gradient was added.
    var padding: [Float]
  }

  private func results(_ operands: Operands, _ context: Context) -> Results {
    let extents = operands.extents
    let arena = Arena()
    func memory(_ values: [Float]) -> UnsafeMutablePointer<Float> {
      let memory = arena.floats(values.count)
      memory.update(from: values, count: values.count)
      return memory
    }
    func read(_ memory: UnsafeMutablePointer<Float>, _ count: Int) -> [Float] {
      Array(UnsafeBufferPointer(start: memory, count: count))
    }
    let storage = PanelMatrix.storageCount(rows: extents.inputs, columns: extents.outputs)
    let matrix = PanelMatrix(
      rows: extents.inputs, columns: extents.outputs, at: arena.floats(storage))
    for i in 0..<extents.inputs {
      for o in 0..<extents.outputs { matrix[i, o] = operands.weight[i * extents.outputs + o] }
    }
    let x = memory(operands.x)
    let dy = memory(operands.dy)
    let bias = memory(operands.bias)
    let y = arena.floats(extents.rows * extents.outputs)
    let dx = arena.floats(extents.rows * extents.inputs)
    let sharedScratch = arena.floats(
      max(
        MatrixProduct.transposedSharedScratchCount(rows: extents.rows, columns: extents.outputs),
        MatrixProduct.outerSharedScratchCount(rows: extents.rows, columns: extents.outputs),
        MatrixProduct.productSharedScratchCount(
          rows: extents.rows, matrixRows: extents.inputs, columns: extents.outputs)))
    context.reserveScratch(
      max(
        MatrixProduct.outerScratchCount(rows: extents.rows),
        MatrixProduct.transposedScratchCount))

    context.multiply(
      x, rows: extents.rows, by: matrix, bias: bias, sharedScratch: sharedScratch, into: y)
    context.multiply(
      dy, rows: extents.rows, byTransposed: matrix, sharedScratch: sharedScratch, into: dx)
    context.addOuterProduct(
      x, dy, rows: extents.rows, to: matrix, sums: bias, sharedScratch: sharedScratch)

    var isElement = [Bool](repeating: false, count: storage)
    var outerProduct: [Float] = []
    for i in 0..<extents.inputs {
      for o in 0..<extents.outputs {
        outerProduct.append(matrix[i, o])
        isElement[matrix.offset(i, o)] = true
      }
    }
    return Results(
      product: read(y, extents.rows * extents.outputs), outerProduct: outerProduct,
      sums: read(bias, extents.outputs),
      transposedProduct: read(dx, extents.rows * extents.inputs),
      padding: (0..<storage).filter { !isElement[$0] }.map { matrix.base[$0] })
  }
}
