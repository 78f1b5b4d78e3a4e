import CKernels
import Layers
import Tensors

/// The gradient of all parameters together, processed by all threads, and by all processes that share memory.
public struct GradientNorm {
  private let parameters: [Parameter]
  private let blocks: [ParameterBlock]
  /// The parameters whose gradient the backward pass writes once, as a matrix product, and the blocks of the others.
  private let zeroedLater: [Parameter]
  private let zeroedBlocks: [ParameterBlock]
  private let shared: SharedMemory?
  private let arena: Arena
  private let partial: UnsafeMutablePointer<Double>

  /// - `shared`: the memory of the gradient, if processes share it.
  public init(_ parameters: [Parameter], in shared: SharedMemory? = nil) {
    self.parameters = parameters
    self.shared = shared
    arena = Arena(in: shared)
    blocks = ParameterBlock.all(of: parameters)
    let isZeroedLater = parameters.map { parameter in
      if case .fullyConnected = parameter.layout { shared == nil } else { false }
    }
    zeroedLater = zip(parameters, isZeroedLater).filter(\.1).map(\.0)
    zeroedBlocks = blocks.filter { !isZeroedLater[$0.parameter] }
    partial = arena.values(of: Double.self, blocks.count)
  }

  /// Sets every element to 0. The memory of a fully connected layer's gradient is written in the backward pass.
  public func zero(in context: Context) {
    for parameter in zeroedLater { parameter.zeroGradientLater() }
    context.run(zeroedBlocks.count, in: shared) { index, _ in
      let block = zeroedBlocks[index]
      (parameters[block.parameter].gradient + block.start).update(
        repeating: 0, count: block.count)
    }
  }

  /// √Σ g², summed in double precision over blocks of fixed size; not finite if any element is not.
  public func norm(in context: Context) -> Double {
    context.run(blocks.count, in: shared) { index, _ in
      let block = blocks[index]
      partial[index] = context.kernels.sum_of_squares(
        parameters[block.parameter].gradient + block.start, block.count)
    }
    var sum = 0.0
    for index in 0..<blocks.count { sum += partial[index] }
    return sum.squareRoot()
  }

  /// Multiplies every element by `factor`.
  func scale(by factor: Float, in context: Context) {
    context.run(blocks.count, in: shared) { index, _ in
      let block = blocks[index]
      let part = parameters[block.parameter].gradient + block.start
      context.kernels.scale(factor, part, part, block.count)
    }
  }

  /// Limits the magnitude of every element to `limit`.
  func clamp(to limit: Float, in context: Context) {
    context.run(blocks.count, in: shared) { index, _ in
      let block = blocks[index]
      context.kernels.optimizer.clamp(
        limit, parameters[block.parameter].gradient + block.start, block.count)
    }
  }

  /// The name of the first parameter whose gradient is not finite.
  public func firstNotFinite(in context: Context) -> String? {
    parameters.first {
      !context.kernels.sum_of_squares($0.gradient, $0.memoryCount).isFinite
    }?.name
  }
}
