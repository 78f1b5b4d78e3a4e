import CKernels
import Layers
import Tensors

/// RMSprop (Hinton, Neural Networks for Machine Learning, lecture 6e), as `torch.optim.RMSprop`
/// defines it:
///
///     g = ∂L/∂θ + λ·θ        s = α·s + (1 − α)·g²        d = g/(√s + ε)
///     v = µ·v + d            θ −= η·v
///
/// `s` and `v` start at 0. The parameter's ``Hyperparameters`` give λ, µ and the factor of the
/// learning rate η; the momentum µ is 0 unless given. The arithmetic is `rmsprop_step` in
/// `Sources/CKernels/adaptive.h`.
public final class RMSprop: Optimizer {
  public static let name = "rmsprop"
  /// PyTorch's 0.01 is too large for most networks.
  public static let usualLearningRate: Double? = 1e-3
  public static let usualMomentum: Double? = 0
  /// α unless given, PyTorch's.
  static let usualAlpha = 0.99

  public let parameters: OptimizedParameters
  private let alpha: Double
  private let epsilon: Float
  private let square: OptimizerSlot
  /// `v`, for the parameters with momentum.
  private let velocity: OptimizerSlot

  public init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.parameters = parameters
    alpha = configuration.alpha ?? Self.usualAlpha
    epsilon = Float(configuration.epsilon ?? Adam.usualEpsilon)
    precondition(epsilon > 0, "ε = \(epsilon)")
    square = parameters.addSlot("square_avg")
    velocity = parameters.addSlot(
      "momentum_buffer", where: { $0.hyperparameters.momentum != 0 })
  }

  public static func settings(in configuration: Configuration) -> [String] {
    ["momentum", "alpha", "eps"]
  }

  public func update(_ step: OptimizerStep, in context: Context) {
    parameters.forEachBlock(in: context) { block in
      guard let s = square[block] else { return }
      let hyperparameters = block.hyperparameters
      var update = rmsprop(
        rate: step.learningRate(of: hyperparameters),
        weight_decay: hyperparameters.weightDecay, momentum: hyperparameters.momentum,
        square_decay: Float(alpha), square_share: Float(1 - alpha), epsilon: epsilon)
      context.kernels.optimizer.rmsprop_step(
        &update, block.values, block.gradient, s, velocity[block], block.count)
    }
  }
}
