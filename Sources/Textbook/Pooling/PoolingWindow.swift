/// A pooling window of size `k` that moves over an image with stride `s` and padding `a`.
public struct PoolingWindow: Equatable, Sendable {
  public var size: Extent
  public var stride: Extent
  /// The number of places by which the window may extend beyond each edge of the image.
  public var padding: Extent
  /// True if the number of outputs is rounded up (PyTorch's `ceil_mode`).
  public var roundsUp: Bool

  /// A window. The default stride is its size.
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

  /// The number of outputs for an image of this extent.
  ///
  /// Along each axis of `n` elements it is `⌊(n + 2a − k)/s⌋ + 1`. With ``roundsUp`` it is `⌈…⌉ + 1`, without
  /// a last window that would begin after the image and its padding on the left.
  public func outputs(of extent: Extent) -> Extent {
    Extent(
      count(extent.rows, size.rows, stride.rows, padding.rows),
      count(extent.columns, size.columns, stride.columns, padding.columns))
  }

  /// The rows under the window of output row `i`, in an image of `n` rows: `s·i − a ..< s·i − a + k`, clipped to
  /// the image.
  public func rows(_ i: Int, of n: Int) -> Range<Int> {
    (stride.rows * i - padding.rows..<stride.rows * i - padding.rows + size.rows)
      .clamped(to: 0..<n)
  }

  /// The columns under the window of output column `j`, in an image of `n` columns.
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
