import Tensors

/// A layer of the whole batch that multiplies rows by one matrix, and whose weight gradient is one chain of sums
/// over all examples: ``FullyConnected``, and convolutions that are such layers.
///
/// Where several processes share a batch, each gets the inputs and gradients of all examples, and computes
/// some rows of the weight gradient. A chain is therefore never cut, and the bits are those of one process.
/// With shared memory the processes divide the other products, too.
public protocol GatheringLayer: BatchLayer {
  var weight: Parameter { get }
  var bias: Parameter? { get }
  /// The rows of each example, which all have ``inputs`` elements: 1, or the pixels of an image.
  var pixels: Int { get }
  /// The matrix of ``inputs`` rows in `memory`, which has the layout of the weight.
  func matrix(at memory: UnsafeMutablePointer<Float>) -> PanelMatrix
  var inputs: Int { get }
  var outputs: Int { get }
}

extension GatheringLayer {
  private var matrix: PanelMatrix { matrix(at: weight.values) }
  private var biasGradient: UnsafeMutablePointer<Float>? {
    bias.flatMap { $0.isTrained ? $0.gradient : nil }
  }

  public func scratchCount(for input: Shape) -> Int {
    max(
      MatrixProduct.outerScratchCount(rows: pixels * input[0]),
      MatrixProduct.transposedScratchCount)
  }

  public func sharedScratchCount(for input: Shape, threads: Int) -> Int {
    let rows = pixels * input[0]
    return max(
      MatrixProduct.productSharedScratchCount(rows: rows, matrixRows: inputs, columns: outputs),
      MatrixProduct.outerSharedScratchCount(rows: rows, columns: outputs),
      MatrixProduct.transposedSharedScratchCount(rows: rows, columns: outputs))
  }

  public func forward(
    _ x: Tensor, into y: Tensor, sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    setOutputs(
      y, input: x, panels: 0..<matrix.panelCount, sharedScratch: sharedScratch, in: context)
  }

  public func backward(
    _ dy: Tensor, into dx: Tensor?, of pass: Pass, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    if isTrained {
      // The gradient of rows outside the matrix stays as it is.
      let isWhole = matrix.rows == weight.matrix.rows
      let (gradient, isZero) = isWhole ? weight.takeGradient() : (weight.gradient, false)
      context.addOuterProduct(
        pass.input(of: self).base, dy.base, rows: pixels * dy.shape[0], to: matrix(at: gradient),
        isZero: isZero, sums: biasGradient, sharedScratch: sharedScratch)
    }
    if let dx {
      setInputGradient(
        dx, from: dy, rows: 0..<inputs, sharedScratch: sharedScratch, in: context)
    }
  }

  // MARK: Several processes

  /// Sets the columns of `y` that belong to some panels of the weight.
  func setOutputs(
    _ y: Tensor, input x: Tensor, panels: Range<Int>,
    sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    context.multiply(
      x.base, rows: pixels * x.shape[0], by: matrix, panels: panels, bias: bias?.values,
      sharedScratch: sharedScratch, into: y.base)
  }

  /// Adds rows of the weight gradient, and the whole bias gradient if `addsBias` is true, from the inputs and
  /// the output gradients of all examples.
  func addGradients(
    _ dy: Tensor, input x: Tensor, rows: Range<Int>, addsBias: Bool,
    sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    context.addOuterProduct(
      x.base, dy.base, rows: pixels * dy.shape[0], to: matrix(at: weight.gradient),
      matrixRows: rows, sums: addsBias ? biasGradient : nil, sharedScratch: sharedScratch)
  }

  /// Sets the columns of `dx` that belong to some rows of the weight.
  func setInputGradient(
    _ dx: Tensor, from dy: Tensor, rows: Range<Int>, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    context.multiply(
      dy.base, rows: pixels * dy.shape[0], byTransposed: matrix, matrixRows: rows,
      sharedScratch: sharedScratch, into: dx.base)
  }
}
