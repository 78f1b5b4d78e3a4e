import CKernels
import Tensors

/// The passes of a convolution whose groups have one input channel each: a depthwise convolution, by its
/// kernels (see `depthwise.h`).
///
/// With m outputs for each channel, a depthwise convolution of m copies of every input channel gives the same
/// outputs. Its gradient with respect to a copy is summed over the copies:
///
///     y[c·m + r] = x[c] ⋆ w[c·m + r]        ∂x[c] = Σ_{r < m} ∂x′[c·m + r]
final class DepthwiseAlgorithm: ConvolutionAlgorithm {
  static let name = "depthwise"
  static let scope = "convolutions with as many groups as input channels"

  static func supports(_ geometry: ConvolutionGeometry) -> Bool { geometry.isDepthwise }
  /// Nil: ``ConvolutionAlgorithms/choose(for:)`` takes it by the groups alone.
  static func cost(of geometry: ConvolutionGeometry) -> ConvolutionCost? { nil }

  private let geometry: ConvolutionGeometry
  /// The number of outputs for each input channel.
  private let multiplier: Int
  private let extents: depthwise
  private var weight: PanelMatrix?

  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    multiplier = geometry.outputChannels / geometry.inputChannels
    extents = depthwise(
      rows: geometry.rows, columns: geometry.columns, channels: geometry.outputChannels)
  }

  /// The copies of an image's channels, or their gradients.
  var scratchCount: Int { multiplier == 1 ? 0 : multiplier * geometry.inputCount }

  func prepareForward(_ weight: PanelMatrix, in context: Context) {}

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    self.weight = weight
  }

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    var extents = extents
    for n in 0..<count {
      lane.kernels.depthwise(
        &extents, repeated(x + n * geometry.inputCount, in: lane), weight.base, bias,
        y + n * geometry.outputCount)
    }
  }

  func beginBackward(in lane: Lane) {}

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    guard let weight else { preconditionFailure("the backward pass was not prepared") }
    var extents = extents
    for n in 0..<count {
      let dy = dy + n * geometry.outputCount
      if let gradient {
        lane.kernels.depthwise_backward_weights(
          &extents, repeated(x + n * geometry.inputCount, in: lane), dy, gradient.base)
      }
      guard let dx else { continue }
      let target = dx + n * geometry.inputCount
      lane.kernels.depthwise_backward_data(
        &extents, dy, weight.base, multiplier == 1 ? target : lane.scratch)
      if multiplier > 1 {
        lane.kernels.channels.sum_neighbors(
          lane.scratch, geometry.inputCount, multiplier, target)
      }
    }
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {}

  /// The image with `multiplier` copies of each channel.
  private func repeated(_ x: UnsafePointer<Float>, in lane: Lane) -> UnsafePointer<Float> {
    guard multiplier > 1 else { return x }
    lane.kernels.channels.repeat_elements(x, geometry.inputCount, multiplier, lane.scratch)
    return UnsafePointer(lane.scratch)
  }
}

extension depthwise {
  /// The extents that the kernels read.
  init(rows: ConvolutionAxis, columns: ConvolutionAxis, channels: Int) {
    self.init(
      h: rows.input, w: columns.input, channels: channels, out_h: rows.output,
      out_w: columns.output, kernel_h: rows.kernel, kernel_w: columns.kernel,
      stride_h: rows.stride, stride_w: columns.stride, top: rows.before, left: columns.before)
  }
}
