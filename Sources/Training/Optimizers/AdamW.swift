import Layers
import Tensors

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as
/// `torch.optim.AdamW` defines it:
///
///     g = ∂L/∂θ
///     m += (1 − β₁)·(g − m)        v = β₂·v + (1 − β₂)·g²
///     θ = (1 − η·λ)·θ − η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
///
/// The symbols are those of ``Adam``, which has the code.
public final class AdamW: Optimizer {
  public static let name = "adamw"
  public static let usualLearningRate: Double? = 1e-3

  private let adam: Adam

  public init(_ parameters: OptimizedParameters, configuration: Configuration) {
    adam = Adam(
      parameters, betas: configuration.betas ?? Adam.usualBetas,
      epsilon: configuration.epsilon ?? Adam.usualEpsilon, decoupledWeightDecay: true)
  }

  public static func settings(in configuration: Configuration) -> [String] {
    Adam.settings(in: configuration)
  }

  public var parameters: OptimizedParameters { adam.parameters }

  public func update(_ step: OptimizerStep, in context: Context) {
    adam.update(step, in: context)
  }
}
