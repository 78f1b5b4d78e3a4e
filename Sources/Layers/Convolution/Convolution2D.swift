import CKernels
import Tensors

/// A bank of two-dimensional filters: the cross-correlation of the padded input with each kernel,
/// summed over input channels (lecture rows L10, L13 and L14).
///
///     x  [n, h, w, inputChannels]           W  [kh, kw, inputChannels / groups, outputChannels]
///     y  [n, h′, w′, outputChannels]        b  [outputChannels], or none
///     h′ = ⌊(h + padding − kh) / stride⌋ + 1
///
///     y[i, j, g] = b[g] + Σ_{u, v, f} x[stride·i + u, stride·j + v, f] · W[u, v, f, g]
///
/// With several groups, inputs and outputs are divided into that many groups of neighbors. An output reads the
/// inputs of its own group: f runs over these (Krizhevsky et al. 2012, "ImageNet classification with deep
/// convolutional neural networks", section 3.5). With as many groups as inputs, the convolution is depthwise.
///
/// Files store the weight as PyTorch does, `[outputChannels, inputChannels / groups, kh, kw]`. Each
/// `ConvolutionAlgorithm` documents its passes and their formulas.
public class Convolution2D: ConvolutionLayer, RowLayer, StreamingLayer {
  public let name: String
  public let inputChannels: Int
  public let outputChannels: Int
  public let kernel: Extent2D
  public let stride: Extent2D
  public let padding: Padding
  public let groups: Int
  public let weight: Parameter
  public let bias: Parameter?

  /// True if the backward pass computes only the bias gradient: the weight is frozen, and no
  /// earlier layer is trained.
  private var skipsBackward = false
  var algorithm: LayerAlgorithm

  /// - `trainsWeight`: true if the optimizer changes the weight. It always changes the
  ///   bias.
  /// - Precondition: positive extents, and a number of groups that divides both numbers of channels.
  public convenience init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: Padding = .valid, groups: Int = 1, bias: Bool = true, trainsWeight: Bool = true
  ) {
    self.init(
      name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel,
      stride: stride, padding: padding, groups: groups,
      bias: bias, trainsWeight: trainsWeight, algorithm: nil)
  }

  /// - Parameters:
  ///   - layout: the layout of the weight; by default that of a two-dimensional convolution.
  ///   - algorithm: the algorithm to use; nil for the automatic choice. It must support the
  ///     convolution.
  init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Extent2D, stride: Extent2D,
    padding: Padding, groups: Int = 1, bias: Bool, trainsWeight: Bool = true,
    layout: ParameterLayout? = nil,
    algorithm: (any ConvolutionAlgorithm.Type)?
  ) {
    precondition(
      inputChannels > 0 && outputChannels > 0 && kernel.height > 0 && kernel.width > 0
        && stride.height > 0
        && stride.width > 0, "\(name): extents must be positive")
    precondition(
      groups > 0 && inputChannels % groups == 0 && outputChannels % groups == 0,
      "\(name): \(groups) groups of \(inputChannels) inputs and \(outputChannels) outputs")
    self.algorithm = LayerAlgorithm(of: name, forced: algorithm)
    self.name = name
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
    let fanIn = kernel.height * kernel.width * (inputChannels / groups)
    weight = Parameter(
      "\(name).weight",
      layout
        ?? .convolution(
          kernelHeight: kernel.height, kernelWidth: kernel.width,
          inputChannels: inputChannels / groups, outputChannels: outputChannels),
      fanIn: fanIn, role: trainsWeight ? .trained : .frozen)
    self.bias =
      bias ? Parameter("\(name).bias", .vector(count: outputChannels), fanIn: fanIn) : nil
  }

  /// The layer for inference: a copy with the same parameters, whose algorithm is chosen for forward passes alone.
  package init(forInference layer: Convolution2D) {
    name = layer.name
    inputChannels = layer.inputChannels
    outputChannels = layer.outputChannels
    kernel = layer.kernel
    stride = layer.stride
    padding = layer.padding
    groups = layer.groups
    weight = layer.weight
    bias = layer.bias
    algorithm = layer.algorithm.forInference
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }
  public var window: (size: Extent2D, stride: Extent2D)? { (kernel, stride) }
  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, inputChannels]` and the kernel fits into it.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4, input[3] == inputChannels else {
      throw ShapeError(layer: name, expected: "[n, h, w, \(inputChannels)]", found: input)
    }
    let g = geometry(input)
    guard g.rows.output > 0, g.columns.output > 0 else {
      throw ShapeError(
        layer: name, expected: "an image of at least the kernel \(kernel), padding \(padding)",
        found: input)
    }
    return [input[0], g.rows.output, g.columns.output, outputChannels]
  }

  public func multiplyAdds(for input: Shape) -> Int {
    let g = geometry(input)
    return g.outputCount * kernel.height * kernel.width * (inputChannels / groups)
  }

  public func scratchCount(for input: Shape) -> Int {
    algorithm(for: input).scratchCount
  }

  public func prepareForward(for input: Shape, training: Bool, in context: Context) {
    algorithm(for: input).prepareForward(weight.matrix, in: context)
  }

  public func prepareBackward(for input: Shape, givesInputGradient: Bool, in context: Context) {
    skipsBackward = !weight.isTrained && !givesInputGradient
    guard !skipsBackward else { return }
    algorithm(for: input).prepareBackward(
      weight.matrix, givesInputGradient: givesInputGradient, in: context)
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    prepared.forward(
      x.base, count: x.shape[0], weight: weight.matrix, bias: bias?.values, into: y.base,
      in: lane)
  }

  public func beginBackward(in lane: Lane) {
    if weight.isTrained { prepared.beginBackward(in: lane) }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    if !skipsBackward {
      prepared.backward(
        pass.input(of: self).base, dy.base, count: dy.shape[0], into: dx?.base,
        addingTo: gradient(of: lane), in: lane)
    }
    if let bias, bias.isTrained {
      let sums = bias.gradient(ofLane: lane.index)
      let channels = lane.worker.parts(of: outputChannels, unit: 16)
      lane.worker.share(channels.count) { part, worker in
        let channels = channels.range(part)
        worker.kernels.add_rows(
          dy.base + channels.lowerBound, dy.count / outputChannels, outputChannels, channels.count,
          sums + channels.lowerBound)
      }
    }
  }

  public func endBackward(for input: Shape, in lane: Lane) {
    if let gradient = gradient(of: lane) { prepared.endBackward(addingTo: gradient, in: lane) }
  }

  /// The lane's weight gradient; nil for a frozen weight.
  private func gradient(of lane: Lane) -> PanelMatrix? {
    weight.isTrained ? weight.panels(at: weight.gradient(ofLane: lane.index)) : nil
  }

  // MARK: The whole batch

  public func takesWholeBatch(of input: Shape) -> Bool {
    (algorithm(for: input) as? any BatchConvolutionPasses)?.takesWholeBatch ?? false
  }

  /// The size of the algorithm's shared scratch, which afterwards holds each lane's sum of bias gradients.
  public func sharedScratchCount(for input: Shape, threads: Int) -> Int {
    max(
      batchAlgorithm(for: input).sharedScratchCount(of: input[0], threads: threads),
      Context.laneCount * outputChannels)
  }

  public func minimumExamples(for input: Shape) -> Int {
    batchAlgorithm(for: input).groupImages
  }

  public func maximumIncompleteOutputs(for input: Shape) -> Int {
    batchAlgorithm(for: input).heldImages
  }

  public func forward(
    _ x: Examples, _ examples: Range<Int>, into y: Outputs, in worker: Worker,
    completed: (_ example: Int, _ y: UnsafeMutablePointer<Float>) -> Void
  ) {
    guard let algorithm = prepared as? any BatchConvolutionPasses else {
      preconditionFailure("\(name): its algorithm does not take the whole batch")
    }
    algorithm.forward(x, examples, bias: bias?.values, into: y, in: worker, completed: completed)
  }

  /// False with a trained bias: the bias gradient reads every gradient a second time, lane by lane.
  public var streamsGradient: Bool { !(bias?.isTrained ?? false) }

  public func backward(
    _ dy: Examples, into dx: UnsafeMutablePointer<Float>?, from x: Examples, of input: Shape,
    sharedScratch: UnsafeMutablePointer<Float>, exchange: ChainExchange?, batch: Int,
    in context: Context
  ) {
    let algorithm = batchAlgorithm(for: input)
    let count = input[0]
    if weight.isTrained || dx != nil {
      algorithm.backward(
        x, dy, count: count, into: dx,
        addingTo: weight.isTrained ? weight.panels(at: weight.gradient) : nil,
        sharedScratch: sharedScratch, exchange: exchange, batch: batch, in: context)
    }
    if weight.isTrained { exchange?.startWeight() }
    guard let bias, bias.isTrained else { return }
    guard let dy = dy.stored else {
      preconditionFailure("\(name): its bias needs stored gradients")
    }
    let countPerExample = geometry(input).outputCount
    let sums = sharedScratch
    let share = exchange?.group.share ?? .whole
    context.pool.run(share.lanes.count) { lane, _ in
      let examples = share.examples(ofLane: share.lanes.lowerBound + lane, among: batch)
      let sum = sums + lane * outputChannels
      sum.update(repeating: 0, count: outputChannels)
      context.kernels.add_rows(
        dy + examples.lowerBound * countPerExample,
        examples.count * countPerExample / outputChannels,
        outputChannels, outputChannels, sum)
    }
    let sum = exchange?.emptyBiasSum() ?? bias.gradient
    context.kernels.add_lanes(
      sums, outputChannels, share.lanes.count, .max, sum, outputChannels)
    exchange?.startBias(kernels: context.kernels)
  }

  /// The pieces and the floats of the weight gradient's chain, where several processes share the batch.
  func chain(for input: Shape) -> (pieces: Int, floats: Int)? {
    (algorithm(for: input) as? any BatchConvolutionPasses)?.chain
  }

  private func batchAlgorithm(for input: Shape) -> any BatchConvolutionPasses {
    guard let algorithm = algorithm(for: input) as? any BatchConvolutionPasses else {
      preconditionFailure("\(name): its algorithm does not take the whole batch")
    }
    return algorithm
  }

  var prepared: any ConvolutionPasses { algorithm.made }

  func algorithm(for input: Shape) -> any ConvolutionPasses {
    algorithm.make(for: geometry(input))
  }

  func geometry(_ input: Shape) -> ConvolutionGeometry {
    ConvolutionGeometry(
      rows: ConvolutionAxis(
        input: input[1], kernel: kernel.height, stride: stride.height,
        zeros: padding.zeros(kernel: kernel.height, \.height)),
      columns: ConvolutionAxis(
        input: input[2], kernel: kernel.width, stride: stride.width,
        zeros: padding.zeros(kernel: kernel.width, \.width)),
      inputChannels: inputChannels, outputChannels: outputChannels, groups: groups,
      use: algorithm.use)
  }
}
