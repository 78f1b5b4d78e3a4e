import CKernels
import Tensors

/// A layer that computes something else in training once its parameters are frozen.
protocol FreezableLayer: Layer {
  /// The layer that training executes instead of this one; nil unless all parameters are frozen.
  var frozen: (any ExampleLayer)? { get }
}

extension BatchNormalization: FreezableLayer {
  /// True if neither γ nor β is trained. Training then uses the running averages, as evaluation
  /// does, and does not change them.
  public var isFrozen: Bool { !weight.isTrained && !bias.isTrained }

  var frozen: (any ExampleLayer)? { isFrozen ? FrozenBatchNormalization(self) : nil }
}

/// Batch normalization with constant running averages: an affine map of each channel.
///
///     y = scale·x + shift        ∂x = scale·∂y        scale = γ/√(variance + ε)
///
/// The statistics do not depend on the batch, so this layer computes each example independently.
final class FrozenBatchNormalization: PixelwiseLayer {
  private let normalization: BatchNormalization
  private let arena = Arena()
  private let zeros: UnsafeMutablePointer<Float>

  init(_ normalization: BatchNormalization) {
    self.normalization = normalization
    zeros = arena.floats(normalization.channels)
  }

  var name: String { normalization.name }
  var backwardReadsInput: Bool { false }
  var backwardReadsOutput: Bool { false }
  var isRecomputed: Bool { true }

  func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    try normalization.outputShape(for: input)
  }

  func prepareForward(for input: Shape, training: Bool, in context: Context) {
    normalization.prepareForward(for: input, training: false, in: context)
  }

  func forward(_ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane) {
    normalization.forward(x, into: y, rectifies: false, in: lane)
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    let channels = normalization.channels
    lane.kernels.channel_map(
      dy.base, normalization.averageScale, zeros, 0, dy.count / channels, channels, dx.base)
  }
}
