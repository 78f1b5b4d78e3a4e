import CKernels
import Tensors

/// A bank of two-dimensional filters: the cross-correlation of the padded input with each kernel,
/// summed over input channels (lecture rows L10, L13 and L14).
///
///     x  [n, h, w, inputs]           W  [kh, kw, inputs, outputs]
///     y  [n, h′, w′, outputs]        b  [outputs], or none
///     h′ = ⌊(h + padding − kh) / stride⌋ + 1
///
///     y[i, j, g] = b[g] + Σ_{u, v, f} x[stride·i + u, stride·j + v, f] · W[u, v, f, g]
///
/// Files hold the weight as PyTorch does, `[outputs, inputs, kh, kw]`. The passes and their formulas
/// are in ``DirectConvolution``.
public final class Convolution2D: ExampleLayer {
  public let name: String
  public let inputs: Int
  public let outputs: Int
  public let kernel: Extent2D
  public let stride: Extent2D
  public let padding: Padding
  public let weight: Parameter
  public let bias: Parameter?

  private let transposedArena = Arena()
  private var transposed: UnsafeMutablePointer<Float>?

  /// - Precondition: positive extents, and no more padding than the kernel has taps.
  public init(
    _ name: String, inputs: Int, outputs: Int, kernel: Extent2D, stride: Extent2D = 1,
    padding: Padding = .valid, bias: Bool = true
  ) {
    precondition(
      inputs > 0 && outputs > 0 && kernel.height > 0 && kernel.width > 0 && stride.height > 0
        && stride.width > 0, "\(name): extents must be positive")
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    let fanIn = kernel.height * kernel.width * inputs
    weight = Parameter(
      "\(name).weight",
      .convolution(
        kernelHeight: kernel.height, kernelWidth: kernel.width, inputs: inputs, outputs: outputs),
      fanIn: fanIn, decays: true)
    self.bias =
      bias ? Parameter("\(name).bias", .vector(count: outputs), fanIn: fanIn, decays: false) : nil
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }
  public var window: (size: Extent2D, stride: Extent2D)? { (kernel, stride) }
  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input is `[n, h, w, inputs]` and the kernel fits into it.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4, input[3] == inputs else {
      throw ShapeError(layer: name, expected: "[n, h, w, \(inputs)]", found: input)
    }
    let g = geometry(input)
    guard g.rows.output > 0, g.columns.output > 0 else {
      throw ShapeError(
        layer: name, expected: "an image of at least the kernel \(kernel), padding \(padding)",
        found: input)
    }
    return [input[0], g.rows.output, g.columns.output, outputs]
  }

  public func multiplyAdds(for input: Shape) -> Int {
    let g = geometry(input)
    return g.outputCount * kernel.height * kernel.width * inputs
  }

  public func scratchCount(for input: Shape) -> Int {
    DirectConvolution.scratchCount(geometry(input))
  }

  public func prepareBackward(for input: Shape, in context: Context) {
    let geometry = geometry(input)
    if transposed == nil {
      transposed = transposedArena.floats(DirectConvolution.transposedCount(geometry))
    }
    DirectConvolution(geometry: geometry, kernels: context.kernels)
      .transpose(weight.matrix, into: transposed!)
  }

  public func forward(
    _ x: Tensor, into y: Tensor, notes: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    let direct = DirectConvolution(geometry: geometry(x.shape), kernels: lane.kernels)
    for n in 0..<x.shape[0] {
      direct.forward(
        x.examples(n..<n + 1).base, weight: weight.matrix, bias: bias?.values,
        into: y.examples(n..<n + 1).base, scratch: lane.scratch)
    }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    let direct = DirectConvolution(geometry: geometry(pass.x.shape), kernels: lane.kernels)
    let gradient = weight.panels(at: weight.gradient(ofLane: lane.index))
    for n in 0..<dy.shape[0] {
      let dy = dy.examples(n..<n + 1)
      direct.backwardWeights(
        pass.x.examples(n..<n + 1).base, dy.base, addingTo: gradient, scratch: lane.scratch)
      if let dx, let transposed {
        direct.backwardData(
          dy.base, transposed: transposed, into: dx.examples(n..<n + 1).base,
          scratch: lane.scratch)
      }
    }
    if let bias {
      lane.kernels.add_rows(
        dy.base, dy.count / outputs, outputs, outputs, bias.gradient(ofLane: lane.index))
    }
  }

  private func geometry(_ input: Shape) -> ConvolutionGeometry {
    ConvolutionGeometry(
      rows: ConvolutionAxis(
        input: input[1], kernel: kernel.height, stride: stride.height,
        zeros: padding.zeros(kernel: kernel.height, \.height)),
      columns: ConvolutionAxis(
        input: input[2], kernel: kernel.width, stride: stride.width,
        zeros: padding.zeros(kernel: kernel.width, \.width)),
      inputs: inputs, outputs: outputs)
  }
}
