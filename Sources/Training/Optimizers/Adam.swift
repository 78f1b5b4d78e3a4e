import CKernels
import Layers
import Tensors

/// Adam (Kingma and Ba 2015, algorithm 1), as `torch.optim.Adam` defines it:
///
///     g = ∂L/∂θ + λ·θ
///     m += (1 − β₁)·(g − m)        v = β₂·v + (1 − β₂)·g²
///     θ −= η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε)
///
/// `m` and `v` start at 0, and t is the number of the step. The parameter's ``Hyperparameters``
/// give λ and the factor of the learning rate η. The arithmetic is `adam_step` in
/// `Sources/CKernels/adaptive.h`.
public final class Adam: Optimizer {
  public static let name = "adam"
  public static let usualLearningRate: Double? = 1e-3
  /// β₁ and β₂ unless given, PyTorch's.
  static let usualBetas = [0.9, 0.999]
  /// ε unless given, PyTorch's.
  static let usualEpsilon = 1e-8

  public let parameters: OptimizedParameters
  private let betas: [Double]
  private let epsilon: Float
  private let decoupled: Bool
  private let mean: OptimizerSlot
  private let square: OptimizerSlot

  /// - `betas`: β₁ and β₂, both from 0 to below 1.
  /// - `epsilon`: above 0, also in single precision.
  /// - `decoupledWeightDecay`: the decay of ``AdamW``.
  public init(
    _ parameters: OptimizedParameters, betas: [Double], epsilon: Double,
    decoupledWeightDecay: Bool = false
  ) {
    precondition(betas.count == 2 && Float(epsilon) > 0, "\(betas) and ε = \(epsilon)")
    self.parameters = parameters
    self.betas = betas
    self.epsilon = Float(epsilon)
    decoupled = decoupledWeightDecay
    mean = parameters.addSlot("exp_avg")
    square = parameters.addSlot("exp_avg_sq")
  }

  public convenience init(_ parameters: OptimizedParameters, configuration: Configuration) {
    self.init(
      parameters, betas: configuration.betas ?? Self.usualBetas,
      epsilon: configuration.epsilon ?? Self.usualEpsilon)
  }

  public static func settings(in configuration: Configuration) -> [String] { ["betas", "eps"] }

  public func update(_ step: OptimizerStep, in context: Context) {
    let firstBias = 1 - Self.power(betas[0], step.number)
    let secondBias = 1 - Self.power(betas[1], step.number)
    parameters.forEachBlock(in: context) { block in
      guard let m = mean[block], let v = square[block] else { return }
      let rate = step.learningRate(of: block.hyperparameters)
      let decay = block.hyperparameters.weightDecay
      var update = adam(
        rate: Float(Double(rate) / firstBias), keep: decoupled ? 1 - rate * decay : 1,
        weight_decay: decoupled ? 0 : decay, mean_share: Float(1 - betas[0]),
        square_decay: Float(betas[1]), square_share: Float(1 - betas[1]),
        correction: Float(1 / secondBias.squareRoot()), epsilon: epsilon)
      context.kernels.optimizer.adam_step(
        &update, block.values, block.gradient, m, v, block.count)
    }
  }

  /// `base` to the power of `exponent` by repeated squaring. The C library's power function differs
  /// between processors.
  static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest % 2 == 1 { result *= square }
      square *= square
      rest /= 2
    }
    return result
  }
}
