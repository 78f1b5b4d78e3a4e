/// Convolution over channels, with any stride and padding. Rows L13, L14 and L16.
///
/// Parameters: the kernel `[G, F, k, l]`, then the bias `[G]`.
public final class LectureConvolution<Scalar: Numeric>: LectureLayer {
  public private(set) var w: Kernel<Scalar>
  public private(set) var b: Vector<Scalar>
  public private(set) var dw: Kernel<Scalar>
  public private(set) var db: Vector<Scalar>
  private let stride: Extent
  private let padding: Padding
  private var p: Volume<Scalar>?

  public init(
    _ w: Kernel<Scalar>, _ b: Vector<Scalar>, stride: Extent = 1, padding: Padding = 0
  ) {
    self.w = w
    self.b = b
    self.dw = Kernel(zerosLike: w)
    self.db = Vector(zerosLike: b)
    self.stride = stride
    self.padding = padding
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return convolution(p, w, b, stride: stride, padding: padding)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    let p = saved(p, by: self)
    dw = convolutionBackwardKernel(
      dq, p, size: Extent(w.rows, w.columns), stride: stride, padding: padding)
    db = convolution2DBackwardBias(dq)
    return convolutionBackwardInput(
      dq, w, stride: stride, padding: padding, extent: Extent(p.rows, p.columns))
  }

  public var parameters: Vector<Scalar> {
    get { flattened(w, b) }
    set { (w, b) = parts(of: newValue, like: w, b) }
  }

  public var parameterGradients: Vector<Scalar> { flattened(dw, db) }
}
