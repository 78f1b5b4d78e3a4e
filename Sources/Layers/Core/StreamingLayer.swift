import Tensors

/// A layer of the whole batch that reads its inputs and its gradients, and writes its outputs, one
/// example at a time.
///
/// Its neighbors therefore need no memory for the whole batch. The layers in front of it, its
/// *prologue*, compute each input when it is read. The layers behind it, its *epilogue*, take each
/// output when it is complete, and compute each gradient when it is read.
public protocol StreamingLayer: BatchLayer {
  /// Called before each forward pass, since the parameters may have changed.
  func prepareForward(for input: Shape, training: Bool, in context: Context)
  /// The number of examples per call of `forward` that amortizes reading the weights.
  func minimumExamples(for input: Shape) -> Int
  /// The maximum number of examples whose outputs are incomplete at any time.
  func maximumIncompleteOutputs(for input: Shape) -> Int
  /// Computes the outputs of the given examples, in order, on one thread.
  ///
  /// - `completed`: called with each output when it is complete.
  func forward(
    _ x: Examples, _ examples: Range<Int>, into y: Outputs, in worker: Worker,
    completed: (_ example: Int, _ y: UnsafeMutablePointer<Float>) -> Void)

  /// True if `backward` reads each gradient once, so that it may be computed as it is read.
  /// Otherwise all gradients are stored first.
  var streamsGradient: Bool { get }
  /// Adds the parameters' gradients, and sets `dx` unless it is nil.
  ///
  /// - `exchange`: joins the sums of several processes that share a batch; nil for one process.
  /// - `batch`: the number of examples of the batch; `input` has those of this process.
  func backward(
    _ dy: Examples, into dx: UnsafeMutablePointer<Float>?, from x: Examples, of input: Shape,
    sharedScratch: UnsafeMutablePointer<Float>, exchange: ChainExchange?, batch: Int,
    in context: Context)
}

extension StreamingLayer {
  public func forward(
    _ x: Tensor, into y: Tensor, sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    prepareForward(for: x.shape, training: true, in: context)
    forwardPrepared(x, into: y, in: context)
  }

  /// The forward pass with parameters that were prepared before.
  package func forwardPrepared(_ x: Tensor, into y: Tensor, in context: Context) {
    forEachGroup(of: x.shape, in: context) { group in
      forward(Examples(of: x), group.examples, into: Outputs(y), in: group.worker) { _, _ in }
    }
  }

  /// Calls `body` for all examples, in groups of about the minimum size, which the threads share.
  func forEachGroup(
    of input: Shape, in context: Context, _ body: (_ group: ExampleGroup) -> Void
  ) {
    let size = ExampleGroup.size(
      of: input[0], least: minimumExamples(for: input), threads: context.threadCount)
    ExampleGroup.forEach(of: 0..<input[0], size: size, in: context, body)
  }

  public func backward(
    _ dy: Tensor, into dx: Tensor?, of pass: Pass, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    let x = pass.input(of: self)
    backward(
      Examples(of: dy), into: dx?.base, from: Examples(of: x), of: x.shape,
      sharedScratch: sharedScratch, exchange: nil, batch: x.shape[0], in: context)
  }
}
