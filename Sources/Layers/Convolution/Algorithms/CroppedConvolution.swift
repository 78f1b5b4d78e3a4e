import CKernels
import Tensors

/// The passes of a convolution whose outer taps read only zeros: other passes compute it without these taps
/// (see ``ConvolutionGeometry/cropped``).
///
/// The remaining weights are copied to a smaller matrix for each pass. The weights that are left out have no
/// gradient.
final class CroppedConvolution<Passes: ConvolutionPasses>: ConvolutionPasses {
  private let geometry: ConvolutionGeometry
  private let inner: ConvolutionGeometry
  /// The first row and the first column of the kernel that remain.
  private let firstTap: Extent2D
  private let passes: Passes
  private let arena = Arena()
  /// The remaining weights.
  private let weights: PanelMatrix
  /// The weight gradients of each thread, or that of the whole batch.
  private var gradients: [PanelMatrix] = []

  /// - Parameter passes: those of ``ConvolutionGeometry/cropped``.
  init(_ geometry: ConvolutionGeometry, _ passes: Passes) {
    self.geometry = geometry
    inner = geometry.cropped
    firstTap = Extent2D(geometry.rows.firstTap, geometry.columns.firstTap)
    self.passes = passes
    weights = Self.matrix(of: inner, in: arena)
  }

  private static func matrix(of inner: ConvolutionGeometry, in arena: Arena) -> PanelMatrix {
    let rows = inner.rows.kernel * inner.columns.kernel * (inner.inputChannels / inner.groups)
    return PanelMatrix(
      rows: rows, columns: inner.outputChannels,
      at: arena.floats(PanelMatrix.storageCount(rows: rows, columns: inner.outputChannels)))
  }

  var scratchCount: Int { passes.scratchCount }

  // MARK: Weights

  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    context.pool.run(weight.panelCount) { panel, _ in
      forEachRun(of: weight, panel: panel) { whole, place, count in
        (weights.base + place).update(from: weight.base + whole, count: count)
      }
    }
    passes.prepareForward(weights, in: context)
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    makeGradients(context.threadCount)
    passes.prepareBackward(weights, givesInputGradient: givesInputGradient, in: context)
  }

  private func makeGradients(_ count: Int) {
    while gradients.count < count { gradients.append(Self.matrix(of: inner, in: arena)) }
  }

  func beginBackward(in lane: Lane) {
    gradients[lane.worker.index].base.update(
      repeating: 0,
      count: PanelMatrix.storageCount(rows: weights.rows, columns: weights.columns))
    passes.beginBackward(in: lane)
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    let own = gradients[lane.worker.index]
    passes.endBackward(addingTo: own, in: lane)
    for panel in 0..<gradient.panelCount {
      add(own, panel: panel, to: gradient, lane.kernels)
    }
  }

  /// Adds a panel of the remaining weights' gradient to that of all weights.
  private func add(
    _ own: PanelMatrix, panel: Int, to gradient: PanelMatrix, _ kernels: kernels
  ) {
    forEachRun(of: gradient, panel: panel) { whole, place, count in
      let sum = gradient.base + whole
      kernels.add(sum, own.base + place, sum, count)
    }
  }

  /// Calls `body` for the remaining weights of a panel, the taps of a kernel row at a time.
  ///
  /// - Parameters:
  ///   - whole: a matrix of all weights.
  ///   - body: the index of the first weight in `whole`, that in the remaining weights, and the number of
  ///     weights from there.
  private func forEachRun(
    of whole: PanelMatrix, panel: Int,
    _ body: (_ whole: Int, _ place: Int, _ count: Int) -> Void
  ) {
    let row = geometry.inputChannels / geometry.groups * whole.width(ofPanel: panel)
    let source = whole.panel(panel) - whole.base
    let target = weights.panel(panel) - weights.base
    for i in 0..<inner.rows.kernel {
      body(
        source + ((firstTap.height + i) * geometry.columns.kernel + firstTap.width) * row,
        target + i * inner.columns.kernel * row, inner.columns.kernel * row)
    }
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    passes.forward(x, count: count, weight: weights, bias: bias, into: y, in: lane)
  }

  var rowsAtATime: Int? { passes.rowsAtATime }

  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    passes.forward(rows: rows, of: x, weight: weights, bias: bias, into: y, in: lane)
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    passes.backward(
      x, dy, count: count, into: dx,
      addingTo: gradient == nil ? nil : gradients[lane.worker.index], in: lane)
  }
}

extension CroppedConvolution: BatchConvolutionPasses where Passes: BatchConvolutionPasses {
  /// True in training also for weights that fit a cache: lanes would zero and add the gradients of all taps.
  static func takesWholeBatch(_ passes: Passes, for use: ConvolutionUse) -> Bool {
    passes.takesWholeBatch || !use.isInference
  }
  var takesWholeBatch: Bool { Self.takesWholeBatch(passes, for: geometry.use) }

  var groupImages: Int { passes.groupImages }
  var heldImages: Int { passes.heldImages }
  var chain: (pieces: Int, floats: Int) { passes.chain }
  func sharedScratchCount(of examples: Int, threads: Int) -> Int {
    passes.sharedScratchCount(of: examples, threads: threads)
  }

  func forward(
    _ x: Examples, _ examples: Range<Int>, bias: UnsafePointer<Float>?, into y: Outputs,
    in worker: Worker, completed: (_ example: Int, _ y: UnsafeMutablePointer<Float>) -> Void
  ) {
    passes.forward(x, examples, bias: bias, into: y, in: worker, completed: completed)
  }

  func backward(
    _ x: Examples, _ dy: Examples, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?,
    sharedScratch: UnsafeMutablePointer<Float>, exchange: ChainExchange?, batch: Int,
    in context: Context
  ) {
    makeGradients(1)
    let own = gradients[0]
    context.pool.run(own.panelCount) { panel, _ in
      own.panel(panel).update(repeating: 0, count: own.rows * own.width(ofPanel: panel))
    }
    passes.backward(
      x, dy, count: count, into: dx, addingTo: gradient == nil ? nil : own,
      sharedScratch: sharedScratch, exchange: exchange, batch: batch, in: context)
    guard let gradient else { return }
    // Processes that share memory have set the panels that they add here. They meet before the gradient is read.
    let panels = exchange?.shared?.part(of: gradient.panelCount) ?? 0..<gradient.panelCount
    context.pool.run(panels.count) { index, _ in
      add(own, panel: panels.lowerBound + index, to: gradient, context.kernels)
    }
  }
}
