import CKernels
import Tensors

/// The passes of a convolution whose outer taps read only zeros: another algorithm computes it without these taps
/// (see ``ConvolutionGeometry/cropped``).
///
/// The remaining weights are copied to a smaller matrix for each pass. The weights that are left out have no
/// gradient. Such a layer never takes the whole batch.
final class CroppedConvolution: ConvolutionPasses {
  private let geometry: ConvolutionGeometry
  private let inner: ConvolutionGeometry
  /// The first row and the first column of the kernel that remain.
  private let firstTap: Extent2D
  private let algorithm: any ConvolutionPasses
  private let arena = Arena()
  /// The remaining weights.
  private let weights: PanelMatrix
  /// The weight gradients of each thread.
  private var gradients: [PanelMatrix] = []

  init(_ geometry: ConvolutionGeometry, by algorithm: any ConvolutionAlgorithm.Type) {
    self.geometry = geometry
    inner = geometry.cropped
    firstTap = Extent2D(geometry.rows.firstTap, geometry.columns.firstTap)
    precondition(algorithm.supports(inner), "\(algorithm.name) does not compute \(inner)")
    self.algorithm = algorithm.init(inner)
    weights = Self.matrix(of: inner, in: arena)
  }

  private static func matrix(of inner: ConvolutionGeometry, in arena: Arena) -> PanelMatrix {
    let rows = inner.rows.kernel * inner.columns.kernel * (inner.inputChannels / inner.groups)
    return PanelMatrix(
      rows: rows, columns: inner.outputChannels,
      at: arena.floats(PanelMatrix.storageCount(rows: rows, columns: inner.outputChannels)))
  }

  var scratchCount: Int { algorithm.scratchCount }

  // MARK: Weights

  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    forEachRun(of: weight) { whole, place, count in
      (weights.base + place).update(from: weight.base + whole, count: count)
    }
    algorithm.prepareForward(weights, in: context)
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    while gradients.count < context.threadCount {
      gradients.append(Self.matrix(of: inner, in: arena))
    }
    algorithm.prepareBackward(weights, givesInputGradient: givesInputGradient, in: context)
  }

  func beginBackward(in lane: Lane) {
    gradients[lane.worker.index].base.update(
      repeating: 0,
      count: PanelMatrix.storageCount(rows: weights.rows, columns: weights.columns))
    algorithm.beginBackward(in: lane)
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    let own = gradients[lane.worker.index]
    algorithm.endBackward(addingTo: own, in: lane)
    forEachRun(of: gradient) { whole, place, count in
      let sum = gradient.base + whole
      lane.kernels.add(sum, own.base + place, sum, count)
    }
  }

  /// Calls `body` for the remaining weights, the taps of a kernel row at a time.
  ///
  /// - Parameters:
  ///   - whole: a matrix of all weights.
  ///   - body: the index of the first weight in `whole`, that in the remaining weights, and the number of
  ///     weights from there.
  private func forEachRun(
    of whole: PanelMatrix, _ body: (_ whole: Int, _ place: Int, _ count: Int) -> Void
  ) {
    for panel in 0..<whole.panelCount {
      let row = geometry.inputChannels / geometry.groups * whole.width(ofPanel: panel)
      let source = whole.panel(panel) - whole.base
      let target = weights.panel(panel) - weights.base
      for i in 0..<inner.rows.kernel {
        body(
          source + ((firstTap.height + i) * geometry.columns.kernel + firstTap.width) * row,
          target + i * inner.columns.kernel * row, inner.columns.kernel * row)
      }
    }
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    algorithm.forward(x, count: count, weight: weights, bias: bias, into: y, in: lane)
  }

  var rowsAtATime: Int? { algorithm.rowsAtATime }

  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    algorithm.forward(rows: rows, of: x, weight: weights, bias: bias, into: y, in: lane)
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    algorithm.backward(
      x, dy, count: count, into: dx,
      addingTo: gradient == nil ? nil : gradients[lane.worker.index], in: lane)
  }
}
