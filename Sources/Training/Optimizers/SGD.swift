import CKernels
import Layers
import Tensors

/// Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` defines it:
///
///     g = ∂L/∂θ + λ·θ        v = µ·v + g        θ −= learning rate · v
///
/// or `θ −= learning rate · (g + µ·v)` with Nesterov's momentum. `v` starts at 0. The parameter's
/// ``Hyperparameters`` give λ, µ and the factor of the learning rate. The arithmetic is
/// `sgd_step` in `Sources/CKernels/sgd.h`.
public final class SGD: Optimizer {
  public static let name = "sgd"

  public let parameters: OptimizedParameters
  private let nesterov: Bool
  /// `v`, for the parameters with momentum.
  private let velocity: OptimizerSlot

  public init(_ parameters: OptimizedParameters, nesterov: Bool = false) {
    self.parameters = parameters
    self.nesterov = nesterov
    velocity = parameters.addSlot(
      "momentum_buffer", where: { $0.hyperparameters.momentum != 0 })
  }

  public convenience init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.init(parameters, nesterov: configuration.nesterov)
  }

  public func update(_ step: OptimizerStep, in context: Context) {
    parameters.forEachBlock(in: context) { block in
      let hyperparameters = block.hyperparameters
      var update = sgd(
        rate: step.learningRate(of: hyperparameters),
        momentum: hyperparameters.momentum, weight_decay: hyperparameters.weightDecay,
        nesterov: nesterov ? 1 : 0)
      context.kernels.sgd_step(
        &update, block.values, block.gradient, velocity[block], block.count)
    }
  }
}
