import CKernels
import Tensors

/// The transposed convolution: each input adds a multiple of the kernel to the output, so a stride
/// enlarges images (lecture rows L11 and L17).
///
///     x  [n, h, w, inputChannels]           W  [kh, kw, outputChannels, inputChannels]
///     y  [n, h′, w′, outputChannels]        b  [outputChannels], or none
///     h′ = stride·(h − 1) + kh − 2·padding + outputPadding
///
///     y[i, j, f] = b[f] + Σ_{g, r, c, u, v} x[r, c, g] · W[u, v, f, g]
///                  over stride·r + u = i + padding and stride·c + v = j + padding
///
/// It is the adjoint of the ``Convolution2D`` with the same kernel, stride and padding that maps
/// images `[h′, w′, outputChannels]` to `[h, w, inputChannels]`: `⟨conv(p), x⟩ = ⟨p, convᵀ(x)⟩`.
/// Each pass of this layer is therefore a pass of that convolution, computed by the same
/// `ConvolutionAlgorithm`s. It multiplies none of the zeros that a stride would insert:
///
///     y = convᵀ(x) + b        its backward data, of x
///     ∂x = conv(∂y)           its forward pass, of ∂y
///     ∂W                      its backward weights, with ∂y in place of x and x in place of ∂y:
///          ∂W[u, v, f, g] +=
///            Σ_{r, c} ∂y[stride·r + u − padding, stride·c + v − padding, f] · x[r, c, g]
///     ∂b[f] += Σ_{i, j} ∂y[i, j, f]
///
/// The conventions are those of PyTorch's `ConvTranspose2d`. `padding` is cropped from all sides of
/// the result, as the convolution adds it to its input. `outputPadding` adds rows and columns at
/// the bottom and right; it selects one of the `stride` extents that the convolution maps to the
/// same extent. Files store the weight as `[inputChannels, outputChannels, kh, kw]`, and initial
/// values have the fanIn `outputChannels·kh·kw`.
public final class TransposedConvolution2D: ConvolutionLayer, ExampleLayer {
  public let name: String
  public let inputChannels: Int
  public let outputChannels: Int
  public let kernel: Extent2D
  public let stride: Extent2D
  public let padding: Extent2D
  public let outputPadding: Extent2D
  public let weight: Parameter
  public let bias: Parameter?

  /// The algorithm of the adjoint convolution.
  private var algorithm: LayerAlgorithm

  /// - Precondition: extents for which ``problem(kernel:stride:padding:outputPadding:)`` is nil.
  public convenience init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: Extent2D = 0, outputPadding: Extent2D = 0, bias: Bool = true
  ) {
    self.init(
      name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel,
      stride: stride, padding: padding,
      outputPadding: outputPadding, bias: bias, algorithm: nil)
  }

  /// - Parameter algorithm: the algorithm to use; nil for the automatic choice. It must support the adjoint convolution.
  init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Extent2D, stride: Extent2D,
    padding: Extent2D, outputPadding: Extent2D, bias: Bool,
    algorithm: (any ConvolutionAlgorithm.Type)?
  ) {
    precondition(
      inputChannels > 0 && outputChannels > 0,
      "\(name): \(inputChannels) input channels and \(outputChannels) output channels")
    let problem = Self.problem(
      kernel: kernel, stride: stride, padding: padding, outputPadding: outputPadding)
    precondition(problem == nil, "\(name): \(problem ?? "")")
    self.name = name
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.algorithm = LayerAlgorithm(of: name, forced: algorithm, choose: Self.choose)
    // PyTorch's fanIn: the number of outputs that one input reaches.
    let fanIn = kernel.height * kernel.width * outputChannels
    weight = Parameter(
      "\(name).weight",
      .convolution(
        kernelHeight: kernel.height, kernelWidth: kernel.width, inputChannels: outputChannels,
        outputChannels: inputChannels),
      fanIn: fanIn)
    self.bias =
      bias ? Parameter("\(name).bias", .vector(count: outputChannels), fanIn: fanIn) : nil
  }

  /// The error in the extents, or nil.
  public static func problem(
    kernel: Extent2D, stride: Extent2D, padding: Extent2D, outputPadding: Extent2D
  ) -> String? {
    if kernel.height < 1 || kernel.width < 1 { return "a kernel of \(kernel) (expected 1 or more)" }
    if stride.height < 1 || stride.width < 1 { return "a stride of \(stride) (expected 1 or more)" }
    if padding.height < 0 || padding.width < 0 || padding.height >= kernel.height
      || padding.width >= kernel.width
    {
      return "a padding of \(padding) (expected less than the kernel of \(kernel))"
    }
    if outputPadding.height < 0 || outputPadding.width < 0
      || outputPadding.height >= stride.height || outputPadding.width >= stride.width
    {
      return "an output padding of \(outputPadding) (expected less than the stride of \(stride))"
    }
    return nil
  }

  /// The automatic choice for the adjoint convolution, with two exceptions that become the direct algorithm. Winograd with
  /// weights beyond a core's cache needs the whole batch to be fast, and this layer computes each example independently.
  /// Winograd along rows computes backward data, which is the forward pass here, directly anyway.
  private static func choose(_ geometry: ConvolutionGeometry) -> any ConvolutionAlgorithm.Type {
    let chosen = ConvolutionAlgorithms.choose(for: geometry, takesBatch: false)
    let winograd = WinogradConvolution.self
    let exceedsCache =
      chosen == winograd && WinogradConvolution(geometry.cropped(for: winograd)).exceedsCache
    return exceedsCache || chosen == WinogradRowConvolution.self ? DirectConvolution.self : chosen
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }
  /// Per axis, an output reads one input for every `stride` taps, and one input has `stride` outputs.
  public var window: (size: Extent2D, stride: Extent2D)? {
    (
      Extent2D(
        (kernel.height + stride.height - 1) / stride.height,
        (kernel.width + stride.width - 1) / stride.width), 1
    )
  }
  public var enlargement: Extent2D { stride }
  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, inputChannels]` and the padding leaves any output.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4, input[3] == inputChannels else {
      throw ShapeError(layer: name, expected: "[n, h, w, \(inputChannels)]", found: input)
    }
    let output = outputExtent(for: input)
    guard output.height > 0, output.width > 0 else {
      throw ShapeError(
        layer: name, expected: "an image of which the padding \(padding) leaves something",
        found: input)
    }
    return [input[0], output.height, output.width, outputChannels]
  }

  private func outputExtent(for input: Shape) -> Extent2D {
    Extent2D(
      stride.height * (input[1] - 1) + kernel.height - 2 * padding.height + outputPadding.height,
      stride.width * (input[2] - 1) + kernel.width - 2 * padding.width + outputPadding.width)
  }

  /// Counts every input with every tap, also products that are cropped.
  public func multiplyAdds(for input: Shape) -> Int {
    input.countPerExample * kernel.height * kernel.width * outputChannels
  }

  // MARK: Passes

  public func scratchCount(for input: Shape) -> Int {
    algorithm.make(for: geometry(input)).scratchCount
  }

  /// Prepares the weights for both directions of the adjoint, since both are needed.
  public func prepareForward(for input: Shape, training: Bool, in context: Context) {
    let algorithm = algorithm.make(for: geometry(input))
    algorithm.prepareForward(weight.matrix, in: context)
    algorithm.prepareBackward(weight.matrix, givesInputGradient: true, in: context)
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    // Without backward weights the adjoint does not read its own input, so `y` may be passed for
    // it.
    algorithm.made.backward(
      y.base, x.base, count: x.shape[0], into: y.base, addingTo: nil, in: lane)
    if let bias {
      lane.kernels.add_bias(bias.values, y.count / outputChannels, outputChannels, y.base)
    }
  }

  public func beginBackward(in lane: Lane) {
    if weight.isTrained { algorithm.made.beginBackward(in: lane) }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    let algorithm = algorithm.made
    let count = dy.shape[0]
    if let gradient = gradient(of: lane) {
      algorithm.backward(
        dy.base, pass.input(of: self).base, count: count, into: nil, addingTo: gradient, in: lane)
    }
    if let bias, bias.isTrained {
      lane.kernels.add_rows(
        dy.base, dy.count / outputChannels, outputChannels, outputChannels,
        bias.gradient(ofLane: lane.index))
    }
    if let dx {
      algorithm.forward(
        dy.base, count: count, weight: weight.matrix, bias: nil, into: dx.base, in: lane)
    }
  }

  public func endBackward(for input: Shape, in lane: Lane) {
    if let gradient = gradient(of: lane) {
      algorithm.made.endBackward(addingTo: gradient, in: lane)
    }
  }

  /// The lane's weight gradient; nil for a frozen weight.
  private func gradient(of lane: Lane) -> PanelMatrix? {
    weight.isTrained ? weight.panels(at: weight.gradient(ofLane: lane.index)) : nil
  }

  // MARK: Algorithms

  public func algorithmName(for input: Shape) -> String { algorithm.name(for: geometry(input)) }

  public func supportedAlgorithms(for input: Shape) -> [String] {
    LayerAlgorithm.supported(geometry(input))
  }

  public var requestedAlgorithm: String? { algorithm.requested }

  public var batch: Int { algorithm.use.batch }

  public func forgetAlgorithm() { algorithm.forget() }

  public func setAlgorithm(
    _ name: String?, for input: Shape, batch: Int
  ) throws(ConvolutionChoiceError) {
    algorithm.setBatch(batch)
    let geometry = geometry(input)
    try algorithm.force(name, for: geometry, convolution: "the transpose of \(geometry)")
  }

  /// The adjoint convolution, from this layer's output channels to its input channels.
  func geometry(_ input: Shape) -> ConvolutionGeometry {
    let output = outputExtent(for: input)
    return ConvolutionGeometry(
      rows: ConvolutionAxis(
        input: output.height, kernel: kernel.height, stride: stride.height,
        zeros: (padding.height, padding.height)),
      columns: ConvolutionAxis(
        input: output.width, kernel: kernel.width, stride: stride.width,
        zeros: (padding.width, padding.width)),
      inputChannels: outputChannels, outputChannels: inputChannels, use: algorithm.use)
  }
}

// MARK: Notation

extension TransposedConvolution2D {
  package struct Specification: LayerSpecification {
    let outputs: Int
    let kernel: Extent2D
    let stride: Extent2D
    let padding: Extent2D
    let outputPadding: Extent2D
    let bias: Bool

    package static let words = [
      LayerWord(
        "convt", arguments: ["outputs,kernel"],
        options: [
          .init("stride", unlessGiven: "1"), .init("padding", "n", unlessGiven: "0"),
          .init("outpad", "n", unlessGiven: "0"), .init("bias", "yes|no", unlessGiven: "yes"),
        ],
        meaning: "transposed convolution, which enlarges: the adjoint of a `conv`")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      outputs = try arguments.number("outputs", "the number of outputs")
      kernel = try arguments.extent("kernel", "the kernel's size")
      stride = try arguments.extent(option: "stride", unlessGiven: 1)
      padding = try arguments.extent(option: "padding", unlessGiven: 0, least: 0)
      outputPadding = try arguments.extent(option: "outpad", unlessGiven: 0, least: 0)
      try arguments.refuse(
        TransposedConvolution2D.problem(
          kernel: kernel, stride: stride, padding: padding, outputPadding: outputPadding))
      bias = try arguments.flag("bias", unlessGiven: true)
    }

    package var canonical: String {
      CanonicalText("convt", outputs, kernel).option("stride", stride, unless: 1)
        .option("padding", padding, unless: 0).option("outpad", outputPadding, unless: 0)
        .option("bias", bias, unless: true).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      try builder.requireWeightFits(
        rows: [kernel.height, kernel.width, outputs], columns: builder.channels,
        otherwise: "a smaller kernel or fewer outputs")
      return TransposedConvolution2D(
        builder.name("convt"), inputChannels: builder.channels, outputChannels: outputs,
        kernel: kernel,
        stride: stride, padding: padding, outputPadding: outputPadding, bias: bias)
    }

    package var remedyForLargeOutput: String { "fewer outputs or a smaller stride" }
  }
}
