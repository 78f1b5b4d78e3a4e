import Layers

/// A part of a parameter that one task takes: loops over all parameters are shared out by blocks of
/// fixed size, whatever the number of threads.
struct ParameterBlock {
  private static let size = 16_384

  /// The parameter's place in the list.
  let parameter: Int
  /// The block's first element in memory, and how many there are.
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
