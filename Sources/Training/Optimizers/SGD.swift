import CKernels
import Layers
import Tensors

/// Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD` defines it:
///
///     g = ∂L/∂θ + λ·θ        v = µ·v + g        θ −= rate · v
///
/// or `θ −= rate · (g + µ·v)` with Nesterov's momentum. λ applies to the parameters whose
/// ``Parameter/decays`` is set, and `v` starts at 0.
public final class SGD {
  public struct Settings: Equatable, Sendable {
    public var momentum: Float
    public var nesterov: Bool
    public var weightDecay: Float

    public init(momentum: Float = 0, nesterov: Bool = false, weightDecay: Float = 0) {
      self.momentum = momentum
      self.nesterov = nesterov
      self.weightDecay = weightDecay
    }
  }

  public let settings: Settings
  private let arena = Arena()
  /// Each parameter, and its velocity, laid out like its values; none without momentum.
  private let slots: [(parameter: Parameter, velocity: UnsafeMutablePointer<Float>?)]
  private let blocks: [ParameterBlock]

  public init(_ parameters: [Parameter], _ settings: Settings) {
    self.settings = settings
    let arena = self.arena
    slots = parameters.map {
      ($0, settings.momentum == 0 ? nil : arena.floats($0.memoryCount))
    }
    blocks = ParameterBlock.all(of: parameters)
  }

  /// The names that the velocity is stored under, `optim.<parameter>.momentum_buffer`, with values in
  /// PyTorch's order.
  public var state: [(name: String, parameter: Parameter, memory: UnsafeMutablePointer<Float>)] {
    slots.compactMap { slot in
      slot.velocity.map {
        ("optim.\(slot.parameter.name).momentum_buffer", slot.parameter, $0)
      }
    }
  }

  /// Changes all parameters by their gradients.
  public func step(rate: Float, in context: Context) {
    context.pool.run(blocks.count) { index, _ in
      let block = blocks[index]
      let (parameter, velocity) = slots[block.parameter]
      var update = sgd(
        rate: rate, momentum: settings.momentum,
        weight_decay: parameter.decays ? settings.weightDecay : 0,
        nesterov: settings.nesterov ? 1 : 0)
      context.kernels.sgd_step(
        &update, parameter.values + block.start, parameter.gradient + block.start,
        velocity.map { $0 + block.start }, block.count)
    }
  }
}
