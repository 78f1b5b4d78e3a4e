/// How a pooling window slides over an image: its size, its stride, the border it may hang over,
/// and whether a last incomplete step counts.
public struct PoolingWindow: Equatable, Sendable {
  public var size: Extent
  public var stride: Extent
  /// How far the window may begin before the image and end after it.
  public var padding: Extent
  /// Whether the number of outputs is rounded up (PyTorch's `ceil_mode`).
  public var roundsUp: Bool

  /// A window with the stride of its size, unless another is given.
  public init(
    _ size: Extent, stride: Extent? = nil, padding: Extent = 0, roundsUp: Bool = false
  ) {
    let stride = stride ?? size
    precondition(size.rows > 0 && size.columns > 0, "PoolingWindow: size \(size)")
    precondition(stride.rows > 0 && stride.columns > 0, "PoolingWindow: stride \(stride)")
    precondition(
      padding.rows >= 0 && padding.columns >= 0 && 2 * padding.rows <= size.rows
        && 2 * padding.columns <= size.columns,
      "PoolingWindow: padding \(padding) is more than half of \(size)")
    self.size = size
    self.stride = stride
    self.padding = padding
    self.roundsUp = roundsUp
  }

  /// The number of outputs for an image of the given extent.
  ///
  /// `⌊(n + 2a − k)/s⌋ + 1` along each axis, or `⌈…⌉ + 1` without a last window that would begin
  /// behind the image.
  public func outputs(of extent: Extent) -> Extent {
    Extent(
      count(extent.rows, size.rows, stride.rows, padding.rows),
      count(extent.columns, size.columns, stride.columns, padding.columns))
  }

  /// The rows that output row `i` sees of an image's `n`: `s·i − a ..< s·i − a + k`, clipped.
  public func rows(_ i: Int, of n: Int) -> Range<Int> {
    (stride.rows * i - padding.rows..<stride.rows * i - padding.rows + size.rows)
      .clamped(to: 0..<n)
  }

  /// The columns that output column `j` sees of an image's `n`.
  public func columns(_ j: Int, of n: Int) -> Range<Int> {
    (stride.columns * j - padding.columns..<stride.columns * j - padding.columns + size.columns)
      .clamped(to: 0..<n)
  }

  private func count(_ n: Int, _ k: Int, _ s: Int, _ a: Int) -> Int {
    let room = n + 2 * a - k + (roundsUp ? s - 1 : 0)
    precondition(n > 0 && room >= 0, "PoolingWindow: a window of \(k) over \(n) + 2·\(a)")
    let count = room / s + 1
    return (count - 1) * s < n + a ? count : count - 1
  }
}
