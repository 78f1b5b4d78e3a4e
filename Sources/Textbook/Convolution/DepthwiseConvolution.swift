// Depthwise convolution (Chollet 2017, "Xception", section 2): each channel is convolved with a filter
// of its own. It is a convolution of one channel to one, for every channel.

/// `q^(f) = b_f + w^(f) ⋆ pad(p^(f))`, of every `s`-th output. `w` is `[F, 1, k, l]`, as PyTorch holds it.
public func depthwiseConvolution<Scalar>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>, _ b: Vector<Scalar>, stride s: Extent = 1,
  padding: Padding = 0
) -> Volume<Scalar> {
  precondition(
    p.channels == w.outputs && w.inputs == 1,
    "depthwiseConvolution: input \(p.shape), kernel \(w.shape)")
  return Volume(channels: p.channels) { f in
    convolution(Volume([p[f]]), filter(w, f), [b[f]], stride: s, padding: padding)[0]
  }
}

/// `dp^(f)` and `dw^(f)` of each channel's convolution, and `db_f = Σ dq^(f)`.
public func depthwiseConvolutionBackward<Scalar>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, _ w: Kernel<Scalar>, stride s: Extent = 1,
  padding: Padding = 0
) -> (dp: Volume<Scalar>, dw: Kernel<Scalar>, db: Vector<Scalar>) {
  let dp = Volume(channels: p.channels) { f in
    convolutionBackwardInput(
      Volume([dq[f]]), filter(w, f), stride: s, padding: padding, extent: Extent(p.rows, p.columns))[
        0]
  }
  let dw = Kernel(outputs: w.outputs, inputs: 1) { f, _ in
    convolutionBackwardKernel(
      Volume([dq[f]]), Volume([p[f]]), size: Extent(w.rows, w.columns), stride: s, padding: padding)[
        0, 0]
  }
  return (dp, dw, Vector(count: p.channels) { f in sum(dq[f]) })
}

/// The filter of one channel, `[1, 1, k, l]`.
private func filter<Scalar>(_ w: Kernel<Scalar>, _ f: Int) -> Kernel<Scalar> {
  Kernel(outputs: 1, inputs: 1) { _, _ in w[f, 0] }
}

/// Depthwise convolution. Parameters: the kernel `[F, 1, k, l]`, then the bias `[F]`.
public final class LectureDepthwiseConvolution<Scalar: Numeric>: LectureLayer {
  private var w: Kernel<Scalar>
  private var b: Vector<Scalar>
  private let stride: Extent
  private let padding: Padding
  private var p: Volume<Scalar>?
  public private(set) var parameterGradients: Vector<Scalar>

  public init(_ w: Kernel<Scalar>, _ b: Vector<Scalar>, stride: Extent = 1, padding: Padding = 0) {
    self.w = w
    self.b = b
    self.stride = stride
    self.padding = padding
    parameterGradients = Vector(zeros: w.elements.count + b.count)
  }

  public func forward(_ p: Volume<Scalar>) -> Volume<Scalar> {
    self.p = p
    return depthwiseConvolution(p, w, b, stride: stride, padding: padding)
  }

  public func backward(_ dq: Volume<Scalar>) -> Volume<Scalar> {
    let p = saved(p, by: self)
    let (dp, dw, db) = depthwiseConvolutionBackward(dq, p, w, stride: stride, padding: padding)
    parameterGradients = flattened(dw, db)
    return dp
  }

  public var parameters: Vector<Scalar> {
    get { flattened(w, b) }
    set { (w, b) = parts(of: newValue, like: w, b) }
  }
}
