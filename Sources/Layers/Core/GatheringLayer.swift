import Tensors

/// A layer of the whole batch whose weight gradient is one chain of sums over all examples:
/// ``FullyConnected``.
///
/// Where several processes share a batch, each gets the inputs and gradients of all examples, and computes
/// some rows of the weight gradient. A chain is therefore never cut, and the bits are those of one process.
/// With shared memory the processes divide the other products, too.
public protocol GatheringLayer: BatchLayer {
  /// A matrix of ``inputs`` rows.
  var weight: Parameter { get }
  var inputs: Int { get }
  var outputs: Int { get }

  /// Sets the columns of `y` that belong to some panels of the weight.
  func setOutputs(
    _ y: Tensor, input x: Tensor, panels: Range<Int>, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context)
  /// Adds rows of the weight gradient, and the whole bias gradient if `addsBias` is true, from the inputs and
  /// the output gradients of all examples.
  func addGradients(
    _ dy: Tensor, input x: Tensor, rows: Range<Int>, addsBias: Bool,
    sharedScratch: UnsafeMutablePointer<Float>, in context: Context)
  /// Sets the columns of `dx` that belong to some rows of the weight.
  func setInputGradient(
    _ dx: Tensor, from dy: Tensor, rows: Range<Int>, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context)
}
