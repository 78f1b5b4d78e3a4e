import Tensors

/// The three passes of a convolution of examples `[h, w, cin]`: forward, backward data (`∂x`) and
/// backward weights (`∂w`). It owns memory for the transformed weights that it reads.
///
/// The prepare functions are called on one thread before a pass, with scratch memory reserved. The
/// other functions are called on any thread for some examples of a lane, in order, with the lane's
/// own gradient.
protocol ConvolutionPasses: AnyObject {
  /// The scratch memory that a thread needs, in floats, also in prepare functions.
  var scratchCount: Int { get }

  /// Transforms the current weights for forward passes.
  func prepareForward(_ weight: PanelMatrix, in context: Context)
  /// Transforms them for backward passes, after ``prepareForward(_:in:)``.
  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context)

  /// Computes `y` for `count` examples.
  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane)

  /// The rows of outputs that the algorithm computes at a time; nil if it computes whole examples only.
  var rowsAtATime: Int? { get }
  /// Computes some rows of `y` for one example, from a multiple of ``rowsAtATime`` to one or to the last row.
  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane)

  /// Sets the lane's sum of weight gradients to zero.
  func beginBackward(in lane: Lane)
  /// Adds the examples' weight gradients to the lane's and sets `dx`, each unless it is nil.
  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane)
  /// Completes the lane's weight gradient.
  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane)
}

extension ConvolutionPasses {
  var rowsAtATime: Int? { nil }
  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) { preconditionFailure("the algorithm computes whole examples") }
}

/// An algorithm for the passes of a convolution, which a person can choose by its name.
protocol ConvolutionAlgorithm: ConvolutionPasses {
  /// The algorithm's name in settings and messages.
  static var name: String { get }
  /// True if the algorithm can compute this convolution.
  static func supports(_ geometry: ConvolutionGeometry) -> Bool
  /// The convolutions of ``supports(_:)``, in words.
  static var scope: String { get }
  /// The estimated time of a convolution that the algorithm supports; nil if the automatic choice by time never takes
  /// it.
  ///
  /// - Parameter part: nil if the layer is this convolution, and not several or one with more taps.
  static func cost(of geometry: ConvolutionGeometry, part: ConvolutionPart?) -> ConvolutionCost?

  init(_ geometry: ConvolutionGeometry)
}

/// The passes of a convolution on the whole batch with all threads, if ``takesWholeBatch`` is true. Then
/// ``ConvolutionPasses/prepareForward(_:in:)`` is called before a forward pass, and each call of
/// `forward` gets about ``groupImages`` examples, and at least half of them if the batch has that many. No prepare function
/// is called before a backward pass.
protocol BatchConvolutionPasses: ConvolutionPasses {
  /// True if the passes take the whole batch. It depends on the geometry only.
  var takesWholeBatch: Bool { get }
  /// The number of examples per call that amortizes reading the weights.
  var groupImages: Int { get }
  /// The maximum number of examples whose outputs are incomplete at any time.
  var heldImages: Int { get }
  /// The pieces and the floats of the weight gradient's chain, where several processes share the batch.
  var chain: (pieces: Int, floats: Int) { get }
  /// The scratch memory that all threads share in a backward pass over this many examples, in
  /// floats.
  func sharedScratchCount(of examples: Int, threads: Int) -> Int

  /// Computes the outputs of some examples, in order, and passes on each output when it is
  /// complete.
  func forward(
    _ x: Examples, _ examples: Range<Int>, bias: UnsafePointer<Float>?, into y: Outputs,
    in worker: Worker, completed: (_ example: Int, _ y: UnsafeMutablePointer<Float>) -> Void)
  /// Adds the examples' weight gradients and sets `dx`, each unless it is nil.
  ///
  /// - Parameters:
  ///   - exchange: joins the sums of the processes that share a batch; nil for one. With messages the last
  ///     process adds the weight gradients of all, and the others none. With shared memory they divide them.
  ///   - batch: the number of examples of the batch.
  func backward(
    _ x: Examples, _ dy: Examples, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?,
    sharedScratch: UnsafeMutablePointer<Float>, exchange: ChainExchange?, batch: Int,
    in context: Context)
}

extension ConvolutionAlgorithm {
  static var scope: String { "any convolution" }
  static func cost(of geometry: ConvolutionGeometry, part: ConvolutionPart?) -> ConvolutionCost? {
    nil
  }
}

/// The available algorithms.
public enum ConvolutionAlgorithms {
  /// The names in settings and messages.
  public static var names: [String] { selectable.map { $0.name } }

  /// The algorithms that a person can choose.
  static var selectable: [any ConvolutionAlgorithm.Type] { all + [DepthwiseAlgorithm.self] }

  /// The algorithms of convolutions without groups. Of those that support a convolution, the first one of
  /// the least cost computes it.
  static var all: [any ConvolutionAlgorithm.Type] {
    [
      WinogradConvolution.self, WinogradRowConvolution.self, NarrowConvolution.self,
      DirectConvolution.self, Im2RowConvolution.self, CirculantConvolution.self,
    ]
  }

  static func named(_ name: String) -> (any ConvolutionAlgorithm.Type)? {
    selectable.first { $0.name == name }
  }

  /// The algorithm of a convolution; with groups, that of each block of groups.
  ///
  /// - Parameter takesBatch: false for a layer that computes each example by itself.
  static func choose(
    for geometry: ConvolutionGeometry, takesBatch: Bool
  ) -> any ConvolutionAlgorithm.Type {
    if DepthwiseAlgorithm.supports(geometry) { return DepthwiseAlgorithm.self }
    if geometry.readsWholeImage || takesBatch && geometry.suitsOneMatrix {
      return Im2RowConvolution.self
    }
    return leastCost(of: geometry)?.algorithm ?? DirectConvolution.self
  }

  /// The algorithm of the least estimated cost; nil if none has an estimate.
  static func leastCost(
    of geometry: ConvolutionGeometry
  ) -> (algorithm: any ConvolutionAlgorithm.Type, cost: Double)? {
    let block = geometry.block
    var best: (algorithm: any ConvolutionAlgorithm.Type, cost: Double)?
    for algorithm in all where block.isSupported(by: algorithm) {
      guard let cost = geometry.cost(of: algorithm)?.total, cost < best?.cost ?? .infinity
      else { continue }
      best = (algorithm, cost)
    }
    return best
  }
}
