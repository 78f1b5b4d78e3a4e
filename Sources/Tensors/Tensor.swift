/// A view of floats in row-major order, valid during the lifetime of the ``Arena`` that owns them.
public struct Tensor {
  public let shape: Shape
  public let base: UnsafeMutablePointer<Float>

  public init(_ shape: Shape, at base: UnsafeMutablePointer<Float>) {
    self.shape = shape
    self.base = base
  }

  public var count: Int { shape.count }

  /// A view of the examples in `range`, by the first extent.
  public func examples(_ range: Range<Int>) -> Tensor {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[0], "examples \(range) of \(shape)")
    return Tensor(
      shape.with(examples: range.count), at: base + range.lowerBound * shape.countPerExample)
  }

  /// A view of the same elements, in the same order, with another shape.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == count, "\(self.shape) reshaped to \(shape)")
    return Tensor(shape, at: base)
  }

  public var elements: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }

  public func fill(with value: Float) { base.update(repeating: value, count: count) }
}
