/// A view of floats in row-major order. It does not own them: it is valid as long as the ``Arena``
/// that they lie in.
public struct Tensor {
  public let shape: Shape
  public let base: UnsafeMutablePointer<Float>

  public init(_ shape: Shape, at base: UnsafeMutablePointer<Float>) {
    self.shape = shape
    self.base = base
  }

  public var count: Int { shape.count }

  /// The examples of `range`, a part of the first extent.
  public func examples(_ range: Range<Int>) -> Tensor {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[0], "examples \(range) of \(shape)")
    return Tensor(
      shape.with(examples: range.count), at: base + range.lowerBound * shape.countPerExample)
  }

  /// The same elements, in the same order, under another shape.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(shape.count == count, "\(self.shape) reshaped to \(shape)")
    return Tensor(shape, at: base)
  }

  public var elements: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }

  public func fill(with value: Float) { base.update(repeating: value, count: count) }
}
