import Layers

/// A part of a parameter for one task. Loops over all parameters are divided into blocks of fixed
/// size, independent of the number of threads.
struct ParameterBlock {
  private static let size = 16_384

  /// The parameter's index in the list.
  let parameter: Int
  /// The index of the block's first element in memory, and the number of elements.
  let start: Int
  let count: Int

  /// All blocks of `parameters`, in order.
  static func all(of parameters: [Parameter]) -> [ParameterBlock] {
    parameters.enumerated().flatMap { index, parameter in
      stride(from: 0, to: parameter.memoryCount, by: size).map {
        ParameterBlock(
          parameter: index, start: $0, count: min(size, parameter.memoryCount - $0))
      }
    }
  }
}
