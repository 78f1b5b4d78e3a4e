import CKernels
import Layers
import Tensors

/// Lion (Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, algorithm 2), which steps
/// by the sign of an average of gradients:
///
///     g = ∂L/∂θ        c = β₁·m + (1 − β₁)·g
///     θ = (1 − η·λ)·θ − η·sign(c)
///     m = β₂·m + (1 − β₂)·g
///
/// `m` starts at 0, and the sign of 0 is 0. The parameter's ``Hyperparameters`` give λ and the
/// factor of the learning rate η. A good η is 3 to 10 times smaller than Adam's, and a good λ as
/// many times larger (section 5 of the paper). PyTorch has no Lion. The arithmetic is `lion_step`
/// in `Sources/CKernels/adaptive.h`.
public final class Lion: Optimizer {
  public static let name = "lion"
  public static let usualLearningRate: Double? = 1e-4
  /// β₁ and β₂ unless given, the paper's.
  static let usualBetas = [0.9, 0.99]

  public let parameters: OptimizedParameters
  private let betas: [Double]
  private let mean: OptimizerSlot

  public init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.parameters = parameters
    betas = configuration.betas ?? Self.usualBetas
    precondition(betas.count == 2, "\(betas)")
    mean = parameters.addSlot("exp_avg")
  }

  public static func settings(in configuration: Configuration) -> [String] { ["betas"] }

  public func update(_ step: OptimizerStep, in context: Context) {
    parameters.forEachBlock(in: context) { block in
      guard let m = mean[block] else { return }
      let rate = step.learningRate(of: block.hyperparameters)
      var update = lion(
        rate: rate, keep: 1 - rate * block.hyperparameters.weightDecay,
        sign_decay: Float(betas[0]), sign_share: Float(1 - betas[0]),
        mean_decay: Float(betas[1]), mean_share: Float(1 - betas[1]))
      context.kernels.optimizer.lion_step(
        &update, block.values, block.gradient, m, block.count)
    }
  }
}
