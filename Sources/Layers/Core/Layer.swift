import CKernels
import Tensors

/// One step of a network: a function of its input, with its derivative written by hand beside it
/// (lecture row L1).
///
/// A layer holds parameters and nothing of a pass: the executor owns the activations and hands them
/// to ``ExampleLayer`` or ``BatchLayer``. Every layer conforms to one of these, or to ``ViewLayer``.
public protocol Layer: AnyObject {
  /// The kind and its number, in order: `conv1`, `fc2`.
  var name: String { get }
  /// What a checkpoint keeps, in PyTorch's order: the weight, then the bias, then running averages.
  var parameters: [Parameter] { get }
  /// Whether ``backward`` reads the layer's input.
  var backwardReadsInput: Bool { get }
  /// Whether ``backward`` reads the layer's output.
  var backwardReadsOutput: Bool { get }
  /// Whether each element is treated alone and so quickly that the backward pass computes the output
  /// again, where the input is at hand, rather than keep it. Such a layer may work in place: `y` may
  /// be where `x` is, and `dx` where `dy` is.
  var isCheap: Bool { get }

  /// Whether the layer hands its input on where a network is evaluated; it is then left out.
  var isIdentityInEvaluation: Bool { get }

  /// One layer in place of this one and the `next`, with the same outcome to the bit and less traffic of
  /// memory; nil where there is none. The executor runs such layers, and nobody else sees them.
  func fused(with next: any Layer) -> (any ExampleLayer)?

  /// The output's shape for an input's; both start with the number of examples.
  func outputShape(for input: Shape) throws(ShapeError) -> Shape
  /// Products and sums of one example's forward pass, counted as pairs.
  func multiplyAdds(for input: Shape) -> Int
  /// The part of an image that one output reads, and how far neighboring outputs are apart; nil for
  /// layers that treat each pixel alone, or all together.
  var window: (size: Extent2D, stride: Extent2D)? { get }
  /// How many outputs lie where the window's stride has one input, along each axis.
  var enlargement: Extent2D { get }
}

extension Layer {
  public var window: (size: Extent2D, stride: Extent2D)? { nil }
  public var parameters: [Parameter] { [] }
  public var enlargement: Extent2D { 1 }
  public var isCheap: Bool { false }
  public var isIdentityInEvaluation: Bool { false }
  public func fused(with next: any Layer) -> (any ExampleLayer)? { nil }
  /// Whether the optimizer changes any of the layer's parameters.
  var isTrained: Bool { parameters.contains(where: \.isTrained) }
  public func multiplyAdds(for input: Shape) -> Int { 0 }
}

/// A layer that treats each example alone, so that one thread takes a few examples through many
/// layers while their activations are in its cache.
public protocol ExampleLayer: Layer {
  /// Bytes that ``forward`` notes for ``backward`` about each example beside input and output.
  func noteBytes(for input: Shape) -> Int
  /// Floats of scratch memory that a call needs.
  func scratchCount(for input: Shape) -> Int
  /// Called before each forward pass: the parameters may have changed.
  ///
  /// - Parameter training: whether a backward pass may follow, or else the network is evaluated.
  func prepareForward(for input: Shape, training: Bool, in context: Context)
  /// Called before each backward pass.
  ///
  /// - Parameter givesInputGradient: whether the pass will set `dx`.
  func prepareBackward(for input: Shape, givesInputGradient: Bool, in context: Context)
  /// Called before the first and after the last ``backward(_:into:of:in:)`` of a lane, on its thread.
  func beginBackward(in lane: Lane)
  func endBackward(for input: Shape, in lane: Lane)

  /// Computes `y` from `x`.
  func forward(_ x: Tensor, into y: Tensor, notes: UnsafeMutablePointer<UInt8>?, in lane: Lane)
  /// Adds the parameters' gradients to the lane's, and sets `dx` where it is wanted.
  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane)
}

extension ExampleLayer {
  public func noteBytes(for input: Shape) -> Int { 0 }
  public func scratchCount(for input: Shape) -> Int { 0 }
  public func prepareForward(for input: Shape, training: Bool, in context: Context) {}
  public func prepareBackward(
    for input: Shape, givesInputGradient: Bool, in context: Context
  ) {}
  public func beginBackward(in lane: Lane) {}
  public func endBackward(for input: Shape, in lane: Lane) {}
}

/// A layer whose examples depend on each other through sums over the batch alone: batch
/// normalization.
///
/// The layers before it show it every output, lane by lane, and then it computes example by example.
/// The backward pass does likewise with the gradients. Without training it is as any other
/// ``ExampleLayer``.
public protocol StatisticsLayer: ExampleLayer {
  /// Starts a lane's sums.
  func beginObserving(in lane: Lane)
  /// Adds some examples of the lane, in order.
  func observe(_ x: Tensor, in lane: Lane)
  /// Completes the sums over `count` examples; ``ExampleLayer/forward(_:into:notes:in:)`` comes next.
  func endObserving(_ count: Int, of input: Shape, in context: Context)

  /// Starts a lane's sums of gradients.
  func beginObservingGradient(in lane: Lane)
  /// Adds the gradients by some outputs, `pass.x` holding the inputs.
  func observeGradient(_ dy: Tensor, of pass: Pass, in lane: Lane)
  /// Completes the sums and adds the parameters' gradients;
  /// ``ExampleLayer/backward(_:into:of:in:)`` comes next and gives `dx` alone.
  func endObservingGradient(_ count: Int, of input: Shape, in context: Context)
}

/// A layer that works on the whole batch with all threads.
public protocol BatchLayer: Layer {
  /// Whether it does for this input; otherwise it is an ``ExampleLayer`` too, and works as such. A rule
  /// of the shape of an example alone.
  func takesWholeBatch(of input: Shape) -> Bool
  /// Floats of scratch memory that each thread needs.
  func scratchCount(for input: Shape) -> Int
  /// Floats of memory that the layer needs for itself during one pass, shared by all threads.
  func workspaceCount(for input: Shape, threads: Int) -> Int

  /// Computes `y` from `x`.
  func forward(
    _ x: Tensor, into y: Tensor, workspace: UnsafeMutablePointer<Float>, in context: Context)
  /// Adds the parameters' gradients, and sets `dx` where it is wanted.
  func backward(
    _ dy: Tensor, into dx: Tensor?, of pass: Pass, workspace: UnsafeMutablePointer<Float>,
    in context: Context)
}

extension BatchLayer {
  public func takesWholeBatch(of input: Shape) -> Bool { true }
}

/// A layer whose backward pass works on the whole batch, but which reads inputs, and gradients by its
/// outputs, an example at a time, and hands on outputs likewise: what other layers make of them at once
/// need not be kept for the batch.
public protocol StreamingLayer: BatchLayer {
  func prepareForward(for input: Shape, training: Bool, in context: Context)
  /// As few examples as ``forward(_:_:into:in:then:)`` should get at a time, if there are as many: fewer
  /// would not be worth reading the weights for.
  func examplesTogether(of input: Shape) -> Int
  /// The most examples whose outputs are computed at a time.
  func outputsTogether(of input: Shape) -> Int
  /// Computes the outputs of some examples, in order, and hands on each when it is complete.
  func forward(
    _ x: Examples, _ examples: Range<Int>, into y: Outputs, in lane: Lane,
    then use: (_ example: Int, _ y: UnsafeMutablePointer<Float>) -> Void)

  /// Whether the gradients by the outputs may be computed ones; otherwise they lie together.
  var streamsGradient: Bool { get }
  /// Adds the parameters' gradients, and sets `dx` where it is wanted.
  func backward(
    _ dy: Examples, into dx: UnsafeMutablePointer<Float>?, from x: Examples, of input: Shape,
    workspace: UnsafeMutablePointer<Float>, in context: Context)
}

extension StreamingLayer {
  public func forward(
    _ x: Tensor, into y: Tensor, workspace: UnsafeMutablePointer<Float>, in context: Context
  ) {
    prepareForward(for: x.shape, training: true, in: context)
    forEachGroup(of: x.shape, in: context) { examples, lane in
      forward(Examples(of: x), examples, into: Outputs(y), in: lane) { _, _ in }
    }
  }

  /// Calls `body` for all examples, as few at a time as is worth while.
  func forEachGroup(
    of input: Shape, in context: Context, _ body: (_ examples: Range<Int>, _ lane: Lane) -> Void
  ) {
    let together = examplesTogether(of: input)
    context.pool.run((input[0] + together - 1) / together) { number, worker in
      body(
        number * together..<min((number + 1) * together, input[0]),
        Lane(index: number, worker: worker, of: context))
    }
  }

  public func backward(
    _ dy: Tensor, into dx: Tensor?, of pass: Pass, workspace: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    backward(
      Examples(of: dy), into: dx?.base, from: Examples(of: pass.x), of: pass.x.shape,
      workspace: workspace, in: context)
  }
}

/// A layer whose output is its input under another shape.
public protocol ViewLayer: Layer {}

extension ViewLayer {
  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
}

/// What a layer's forward pass read, wrote and noted, for the examples of one backward call.
///
/// `x` holds values only if the layer's ``Layer/backwardReadsInput`` says so, and `y` likewise.
public struct Pass {
  public let x: Tensor
  public let y: Tensor
  public let notes: UnsafeMutablePointer<UInt8>?

  public init(x: Tensor, y: Tensor, notes: UnsafeMutablePointer<UInt8>? = nil) {
    self.x = x
    self.y = y
    self.notes = notes
  }
}

/// One lane of examples on one thread: where its gradients are summed, memory to work in, and what its
/// random numbers are named by.
public struct Lane {
  public let index: Int
  /// The number of the thread.
  public let worker: Int
  public let kernels: kernels
  public let scratch: UnsafeMutablePointer<Float>
  /// From the first example of a forward call on; nil in other passes, and where the caller gave none.
  public let randomKey: RandomKey?

  public init(index: Int, worker: Int, of context: Context, randomKey: RandomKey? = nil) {
    self.index = index
    self.worker = worker
    self.kernels = context.kernels
    self.scratch = context.scratch(of: worker)
    self.randomKey = randomKey
  }
}
