import CKernels
import Layers
import Tensors

/// The length of the whole gradient, and with it whether every element of it is finite.
public struct GradientNorm {
  private static let block = 16_384

  private let parameters: [Parameter]
  private let tasks: [(parameter: Int, start: Int, count: Int)]
  private let arena = Arena()
  private let partial: UnsafeMutablePointer<Double>

  public init(_ parameters: [Parameter]) {
    self.parameters = parameters
    tasks = parameters.enumerated().flatMap { index, parameter in
      stride(from: 0, to: parameter.memoryCount, by: Self.block).map {
        (index, $0, min(Self.block, parameter.memoryCount - $0))
      }
    }
    partial = arena.values(of: Double.self, tasks.count)
  }

  /// √Σ g², summed in double over blocks of fixed size; not finite if any element is not.
  public func norm(in context: Context) -> Double {
    context.pool.run(tasks.count) { index, _ in
      let task = tasks[index]
      partial[index] = context.kernels.sum_of_squares(
        parameters[task.parameter].gradient + task.start, task.count)
    }
    var sum = 0.0
    for index in 0..<tasks.count { sum += partial[index] }
    return sum.squareRoot()
  }

  /// The name of the first parameter whose gradient is not finite.
  public func firstNotFinite(in context: Context) -> String? {
    parameters.first {
      !context.kernels.sum_of_squares($0.gradient, $0.memoryCount).isFinite
    }?.name
  }
}
