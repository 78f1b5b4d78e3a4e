import CKernels
import Layers
import Tensors

/// What one step did to one parameter.
public struct ParameterUpdate: Equatable, Sendable {
  /// PyTorch's name: `conv1.weight`.
  public let name: String
  /// ‖w‖ before the step, over all elements.
  public let weightNorm: Double
  /// ‖∂L/∂w‖ as the optimizer got it, after clipping and without weight decay.
  public let gradientNorm: Double
  /// ‖Δw‖, the norm of the optimizer's change.
  public let updateNorm: Double
  /// The distribution of the gradient's elements.
  public let gradient: Histogram

  /// The update ratio ‖Δw‖/‖w‖; nil if all elements were 0.
  public var ratio: Double? { weightNorm > 0 ? updateNorm / weightNorm : nil }

  public init(
    name: String, weightNorm: Double, gradientNorm: Double, updateNorm: Double,
    gradient: Histogram
  ) {
    self.name = name
    self.weightNorm = weightNorm
    self.gradientNorm = gradientNorm
    self.updateNorm = updateNorm
    self.gradient = gradient
  }
}

/// Measures what a step does to each parameter. It only reads, so the training keeps its bits.
///
/// The memory of a second copy of the parameters is allocated once. Sums are in double precision over blocks of
/// fixed size, so they do not depend on the number of threads.
final class UpdateMeter {
  /// The number of bins of a gradient's histogram.
  static let bins = 40

  private let parameters: [Parameter]
  private let blocks: [ParameterBlock]
  private let arena = Arena()
  /// The values before the step, and then the change, with the layout of each parameter's values.
  private let kept: [UnsafeMutablePointer<Float>]
  /// Sums of squares of each block: of the values, of the gradient, of the change.
  private let partial: UnsafeMutablePointer<Double>

  init(_ parameters: [Parameter]) {
    self.parameters = parameters
    blocks = ParameterBlock.all(of: parameters)
    let arena = arena
    kept = parameters.map { arena.floats($0.memoryCount) }
    partial = arena.values(of: Double.self, 3 * blocks.count)
  }

  /// Copies the values before a step.
  func begin(in context: Context) {
    context.pool.run(blocks.count) { index, _ in
      let block = blocks[index]
      (kept[block.parameter] + block.start).update(
        from: parameters[block.parameter].values + block.start, count: block.count)
    }
  }

  /// Measures the step since ``begin(in:)``.
  ///
  /// - Returns: the parameters that are trained now, in the network's order.
  func end(in context: Context) -> [ParameterUpdate] {
    context.pool.run(blocks.count) { index, _ in
      let block = blocks[index]
      let parameter = parameters[block.parameter]
      let kept = kept[block.parameter] + block.start
      partial[3 * index] = context.kernels.sum_of_squares(kept, block.count)
      partial[3 * index + 1] = context.kernels.sum_of_squares(
        parameter.gradient + block.start, block.count)
      let values = parameter.values + block.start
      for i in 0..<block.count { kept[i] = values[i] - kept[i] }
      partial[3 * index + 2] = context.kernels.sum_of_squares(kept, block.count)
    }
    var sums = [[Double]](repeating: [0, 0, 0], count: parameters.count)
    for (index, block) in blocks.enumerated() {
      for part in 0..<3 { sums[block.parameter][part] += partial[3 * index + part] }
    }
    return zip(parameters, sums).filter { $0.0.isTrained }.map { parameter, sums in
      ParameterUpdate(
        name: parameter.name, weightNorm: sums[0].squareRoot(),
        gradientNorm: sums[1].squareRoot(), updateNorm: sums[2].squareRoot(),
        gradient: Histogram(of: parameter.storedGradient(), bins: Self.bins))
    }
  }
}
