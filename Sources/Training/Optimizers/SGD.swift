import CKernels
import Layers
import Tensors

/// Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` defines it:
///
///     g = ∂L/∂θ + λ·θ        v = µ·v + g        θ −= η·v
///
/// or `θ −= η·(g + µ·v)` with Nesterov's momentum. `v` starts at 0. η is the learning rate. The
/// parameter's ``Hyperparameters`` give λ, µ and the factor of the learning rate.
///
/// With decoupled weight decay (SGDW, Loshchilov and Hutter 2019, algorithm 1) the decay does not
/// go through the momentum:
///
///     g = ∂L/∂θ              v = µ·v + g        θ = (1 − η·λ)·θ − η·v
///
/// The decay is proportional to η, as in `torch.optim.AdamW`. The arithmetic is `sgd_step` in
/// `Sources/CKernels/sgd.h`.
public final class SGD: Optimizer {
  public static let name = "sgd"

  public let parameters: OptimizedParameters
  private let nesterov: Bool
  private let decoupled: Bool
  /// `v`, for the parameters with momentum.
  private let velocity: OptimizerSlot

  public init(
    _ parameters: OptimizedParameters, nesterov: Bool = false, decoupledWeightDecay: Bool = false
  ) {
    self.parameters = parameters
    self.nesterov = nesterov
    decoupled = decoupledWeightDecay
    velocity = parameters.addSlot(
      "momentum_buffer", where: { $0.hyperparameters.momentum != 0 })
  }

  public convenience init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.init(
      parameters, nesterov: configuration.nesterov,
      decoupledWeightDecay: configuration.decoupledWeightDecay)
  }

  public static func settings(in configuration: Configuration) -> [String] {
    ["momentum", "nesterov", "decoupled-weight-decay"]
  }

  public func update(_ step: OptimizerStep, in context: Context) {
    parameters.forEachBlock(in: context) { block in
      let hyperparameters = block.hyperparameters
      let rate = step.learningRate(of: hyperparameters)
      let decay = hyperparameters.weightDecay
      var update = sgd(
        rate: rate, momentum: hyperparameters.momentum, weight_decay: decoupled ? 0 : decay,
        nesterov: nesterov ? 1 : 0, keep: decoupled ? 1 - rate * decay : 1)
      context.kernels.optimizer.sgd_step(
        &update, block.values, block.gradient, velocity[block], block.count)
    }
  }
}
