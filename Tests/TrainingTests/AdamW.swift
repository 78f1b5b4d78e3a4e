import Tensors

@testable import Training

/// Adam with decoupled weight decay, as `torch.optim.AdamW` defines it with its default constants:
///
///     m = β₁·m + (1 − β₁)·g        v = β₂·v + (1 − β₂)·g²
///     θ −= η·λ·θ        θ −= η·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)
///
/// This class shows that an optimizer needs only one file.
final class AdamW: Optimizer {
  static let name = "adamw"

  let parameters: OptimizedParameters
  private let first: OptimizerSlot
  private let second: OptimizerSlot

  init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.parameters = parameters
    first = parameters.addSlot("exp_avg")
    second = parameters.addSlot("exp_avg_sq")
  }

  func update(_ step: OptimizerStep, in context: Context) {
    let (beta1, beta2, epsilon): (Float, Float, Float) = (0.9, 0.999, 1e-8)
    var powers: (Float, Float) = (1, 1)
    for _ in 0..<step.number { powers = (powers.0 * beta1, powers.1 * beta2) }
    let (bias1, bias2) = (1 - powers.0, 1 - powers.1)
    parameters.forEachBlock(in: context) { block in
      let rate = step.learningRate * block.hyperparameters.learningRateFactor
      let (m, v) = (first[block]!, second[block]!)
      for i in 0..<block.count {
        let g = block.gradient[i]
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        block.values[i] -= rate * block.hyperparameters.weightDecay * block.values[i]
        block.values[i] -= rate * (m[i] / bias1) / ((v[i] / bias2).squareRoot() + epsilon)
      }
    }
  }
}
