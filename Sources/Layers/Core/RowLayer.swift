import Tensors

/// A layer that can compute some rows of an example's output by themselves.
///
/// Threads without examples of their own share the rows of one. The rows of a large example go through several layers
/// while they are in the cache.
public protocol RowLayer: ExampleLayer {
  /// False if the layer computes only whole examples of this shape.
  func dividesRows(of input: Shape) -> Bool
  /// The number of output rows that the layer computes at a time.
  func rowsAtATime(of input: Shape) -> Int
  /// The number of output rows that read no rows of the input behind the first `rows`, but for a rest of fewer than
  /// ``rowsAtATime(of:)``. All of them for all rows.
  func outputRows(within rows: Int, of input: Shape) -> Int
  /// Computes some rows of an example's output.
  ///
  /// - `rows`: for a convolution they begin at a multiple of ``rowsAtATime(of:)``, and end at one or at the last row.
  /// - `x`: the example `[1, h, w, c]`; those of its rows are read that the output rows need.
  /// - `y`: the place of the whole output.
  /// - `saved`: memory for the saved state of the whole example, or nil, as for `forward`.
  func forward(
    rows: Range<Int>, of x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?,
    in lane: Lane)
}

/// Windows of `size` rows, `stride` rows apart, the first of which begins `before` rows above the input.
struct RowWindows {
  /// The floats of rows that stay in the first-level cache or near it.
  static let floatsOfBand = 1 << 14

  let size: Int
  let stride: Int
  let before: Int

  /// The number of windows that end within the first `rows` rows of the input.
  func count(within rows: Int) -> Int {
    let free = rows + before - size
    return free < 0 ? 0 : free / stride + 1
  }

  /// The rows of the input that lie above all windows from number `first` on, and the rows by which window `first`
  /// begins above the rest.
  func skip(to first: Int) -> (rows: Int, before: Int) {
    let start = first * stride
    return (max(0, start - before), max(0, before - start))
  }
}

extension RowLayer {
  public func dividesRows(of input: Shape) -> Bool { true }
  public func rowsAtATime(of input: Shape) -> Int {
    max(1, RowWindows.floatsOfBand / (input[2] * input[3]))
  }
}

/// A layer each of whose outputs depends on the input at the same place alone, and on parameters of its channel, so that
/// it may work in place. Its saved state has the same size for each pixel.
public protocol PixelwiseLayer: RowLayer {}

extension PixelwiseLayer {
  public var mayWorkInPlace: Bool { true }
  public func outputRows(within rows: Int, of input: Shape) -> Int { rows }

  public func forward(
    rows: Range<Int>, of x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?,
    in lane: Lane
  ) {
    let shape: Shape = [1, rows.count, x.shape[2], x.shape[3]]
    let first = rows.lowerBound * x.shape[2] * x.shape[3]
    let savedBytes = savedStateBytes(for: x.shape) / x.shape[1]
    forward(
      Tensor(shape, at: x.base + first), into: Tensor(shape, at: y.base + first),
      saved: saved.map { $0 + rows.lowerBound * savedBytes }, in: lane)
  }
}

extension PixelwiseLayer {
  /// Computes some rows of an example's gradient with respect to the input. The layer sums no gradients of parameters.
  func backward(
    rows: Range<Int>, _ dy: Tensor, into dx: Tensor, of pass: Pass, in lane: Lane
  ) {
    let shape: Shape = [1, rows.count, dy.shape[2], dy.shape[3]]
    let first = rows.lowerBound * dy.shape[2] * dy.shape[3]
    func part(_ tensor: Tensor) -> Tensor { Tensor(shape, at: tensor.base + first) }
    let savedBytes = savedStateBytes(for: dy.shape) / dy.shape[1]
    backward(
      part(dy), into: part(dx),
      of: Pass(
        x: pass.x.map(part), y: pass.y.map(part),
        saved: pass.saved.map { $0 + rows.lowerBound * savedBytes }), in: lane)
  }
}
