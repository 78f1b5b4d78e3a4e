/// The transposed convolution, from `G` channels to `F`. Rows L11 and L17.
///
/// Parameters: the kernel `[G, F, k, l]`, then the bias `[F]`.
public final class LectureTransposedConvolution<Scalar: Numeric>: LectureLayer {
  public private(set) var w: Kernel<Scalar>
  public private(set) var b: Vector<Scalar>
  public private(set) var dw: Kernel<Scalar>
  public private(set) var db: Vector<Scalar>
  private let stride: Extent
  private let padding: Padding
  private let outputPadding: Extent
  private var x: Volume<Scalar>?

  public init(
    _ w: Kernel<Scalar>, _ b: Vector<Scalar>, stride: Extent = 1, padding: Padding = 0,
    outputPadding: Extent = 0
  ) {
    self.w = w
    self.b = b
    self.dw = Kernel(zerosLike: w)
    self.db = Vector(zerosLike: b)
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
  }

  public func forward(_ x: Volume<Scalar>) -> Volume<Scalar> {
    self.x = x
    return transposedConvolution2D(
      x, w, b, stride: stride, padding: padding, outputPadding: outputPadding)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    let x = saved(x, by: self)
    dw = transposedConvolution2DBackwardKernel(
      dq, x, size: Extent(w.rows, w.columns), stride: stride, padding: padding)
    db = convolution2DBackwardBias(dq)
    return transposedConvolution2DBackwardInput(dq, w, stride: stride, padding: padding)
  }

  public var parameters: Vector<Scalar> {
    get { flattened(w, b) }
    set { (w, b) = parts(of: newValue, like: w, b) }
  }

  public var parameterGradients: Vector<Scalar> { flattened(dw, db) }
}
