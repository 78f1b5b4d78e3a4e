import CKernels
import Tensors

/// Depthwise convolution: each channel is convolved with a filter of its own (Chollet 2017, "Xception",
/// section 2). PyTorch's `nn.Conv2d` with as many groups as channels.
///
///     x  [n, h, w, channels]          W  [kh, kw, channels]
///     y  [n, h′, w′, channels]        b  [channels], or none
///     h′ = ⌊(h + padding − kh) / stride⌋ + 1
///
///     y[i, j, c] = b[c] + Σ_{u, v} x[stride·i + u − before, stride·j + v − before, c] · W[u, v, c]
///
/// With i and j over all outputs, r and s over all inputs, the backward pass is
///
///     ∂x[r, s, c] = Σ ∂y[i, j, c] · W[u, v, c]   over stride·i + u − before = r, stride·j + v − before = s
///     ∂W[u, v, c] += Σ_{i, j} ∂y[i, j, c] · x[stride·i + u − before, stride·j + v − before, c]
///     ∂b[c] += Σ_{i, j} ∂y[i, j, c]
///
/// A pass takes `kh·kw` multiply-adds for each output, so memory limits its speed. Files hold the weight as
/// `[channels, 1, kh, kw]`.
public final class DepthwiseConvolution2D: RowLayer {
  public let name: String
  public let channels: Int
  public let kernel: Extent2D
  public let stride: Extent2D
  public let padding: Padding
  public let weight: Parameter
  public let bias: Parameter?

  /// - Precondition: positive extents.
  public init(
    _ name: String, channels: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: Padding = .valid, bias: Bool = true
  ) {
    precondition(
      channels > 0 && kernel.height > 0 && kernel.width > 0 && stride.height > 0
        && stride.width > 0, "\(name): extents must be positive")
    self.name = name
    self.channels = channels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    let fanIn = kernel.height * kernel.width
    weight = Parameter(
      "\(name).weight",
      .convolution(
        kernelHeight: kernel.height, kernelWidth: kernel.width, inputChannels: 1,
        outputChannels: channels),
      fanIn: fanIn)
    self.bias = bias ? Parameter("\(name).bias", .vector(count: channels), fanIn: fanIn) : nil
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }
  public var window: (size: Extent2D, stride: Extent2D)? { (kernel, stride) }
  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, channels]` and the kernel fits into it.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4, input[3] == channels else {
      throw ShapeError(layer: name, expected: "[n, h, w, \(channels)]", found: input)
    }
    let extents = extents(input)
    guard extents.out_h > 0, extents.out_w > 0 else {
      throw ShapeError(
        layer: name, expected: "an image of at least the kernel \(kernel), padding \(padding)",
        found: input)
    }
    return [input[0], extents.out_h, extents.out_w, channels]
  }

  public func multiplyAdds(for input: Shape) -> Int {
    let extents = extents(input)
    return extents.out_h * extents.out_w * channels * kernel.height * kernel.width
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    var extents = extents(x.shape)
    for n in 0..<x.shape[0] {
      lane.kernels.depthwise(
        &extents, x.base + n * x.shape.countPerExample, weight.values, bias?.values,
        y.base + n * y.shape.countPerExample)
    }
  }

  public func outputRows(within rows: Int, of input: Shape) -> Int {
    axis(input[1], \.height).outputs(within: rows)
  }

  public func forward(
    rows: Range<Int>, of x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?,
    in lane: Lane
  ) {
    var extents = extents(x.shape)
    let skipped = extents.limit(to: rows)
    lane.kernels.depthwise(
      &extents, x.base + skipped * x.shape[2] * channels, weight.values, bias?.values,
      y.base + rows.lowerBound * y.shape[2] * channels)
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    let x = pass.input(of: self)
    var extents = extents(x.shape)
    for n in 0..<dy.shape[0] {
      let input = x.base + n * x.shape.countPerExample
      let gradient = dy.base + n * dy.shape.countPerExample
      if weight.isTrained {
        lane.kernels.depthwise_backward_weights(
          &extents, input, gradient, weight.gradient(ofLane: lane.index))
      }
      if let dx {
        lane.kernels.depthwise_backward_data(
          &extents, gradient, weight.values, dx.base + n * x.shape.countPerExample)
      }
    }
    if let bias, bias.isTrained {
      lane.kernels.add_rows(
        dy.base, dy.count / channels, channels, channels, bias.gradient(ofLane: lane.index))
    }
  }

  /// The extents for images of `input`; no outputs where the kernel does not fit.
  private func extents(_ input: Shape) -> depthwise {
    depthwise(
      rows: axis(input[1], \.height), columns: axis(input[2], \.width), channels: channels)
  }

  private func axis(_ extent: Int, _ axis: KeyPath<Extent2D, Int>) -> ConvolutionAxis {
    let kernel = kernel[keyPath: axis]
    return ConvolutionAxis(
      input: extent, kernel: kernel, stride: stride[keyPath: axis],
      zeros: padding.zeros(kernel: kernel, axis))
  }
}

// MARK: Notation

extension DepthwiseConvolution2D {
  package struct Specification: LayerSpecification {
    let kernel: Extent2D
    let stride: Extent2D
    let padding: Padding
    let bias: Bool

    package static let words = [
      LayerWord(
        "dwconv", arguments: ["kernel"],
        options: [
          .init("stride", unlessGiven: "1"), .init("padding", "same|valid|n", unlessGiven: "same"),
          .init("bias", "yes|no", unlessGiven: "yes"),
        ],
        meaning: "depthwise convolution: each channel with a filter of its own")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      kernel = try arguments.extent("kernel", "the kernel's size")
      stride = try arguments.extent(option: "stride", unlessGiven: 1)
      padding = try arguments.padding()
      bias = try arguments.flag("bias", unlessGiven: true)
      try arguments.refuse(padding.problem(kernel: kernel))
    }

    package var canonical: String {
      CanonicalText("dwconv", kernel).option("stride", stride, unless: 1)
        .option("padding", padding, unless: .same).option("bias", bias, unless: true).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireImage()
      try builder.requireWeightFits(
        rows: [kernel.height, kernel.width], columns: builder.channels,
        otherwise: "a smaller kernel")
      return DepthwiseConvolution2D(
        builder.name("dwconv"), channels: builder.channels, kernel: kernel, stride: stride,
        padding: padding, bias: bias)
    }
  }
}
