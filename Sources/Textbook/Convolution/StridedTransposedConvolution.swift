// Lecture row L17: the transposed convolution with stride `s`, a layer that raises the resolution. Its forward
// pass is the backward pass of the strided convolution with respect to the input (row L16).
//
//     x  [G, h, w]    w  [G, F, k, l]    b  [F]    q  [F, H, W]
//     H = s·(h − 1) + k − top − bottom + output padding        W likewise

/// `q^(f) = Σ_ij Σ_g embed_{k×l}^{H×W}(x^(g)_ij·w^(g,f), [s·i, s·j]) + b_f`, `[F, H, W]`. Row L17.
///
/// Each input adds a scaled copy of the kernel to the output. Copies of neighboring inputs overlap if the stride
/// is less than the kernel's size.
///
/// - `padding`: the numbers of rows and columns removed from the border of the result.
/// - `outputPadding`: the numbers of rows and columns added at the bottom and on the right, less than the
///   stride. They select one of the extents that the strided convolution maps to `h×w`.
public func transposedConvolution2D<Scalar>(
  _ x: Volume<Scalar>, _ w: Kernel<Scalar>, _ b: Vector<Scalar>,
  stride s: Extent, padding: Padding = 0, outputPadding: Extent = 0
) -> Volume<Scalar> {
  precondition(
    x.channels == w.outputs && b.count == w.inputs,
    "transposedConvolution2D: input \(x.shape), kernel \(w.shape), bias \(b.shape)")
  let extent = Extent(
    s.rows * (x.rows - 1) + w.rows - padding.top - padding.bottom + outputPadding.rows,
    s.columns * (x.columns - 1) + w.columns - padding.left - padding.right
      + outputPadding.columns)
  precondition(
    extent.rows > 0 && extent.columns > 0,
    "transposedConvolution2D: input \(x.shape), kernel \(w.shape) leave nothing of \(padding)")
  var q = convolutionBackwardInput(x, w, stride: s, padding: padding, extent: extent)
  for f in 0..<q.channels {
    for i in 0..<q.rows {
      for j in 0..<q.columns { q[f, i, j] += b[f] }
    }
  }
  return q
}

/// `dx^(g)_ij = Σ_f Σ_uv dq^(f)_{s·i+u, s·j+v}·w^(g,f)_uv`, `[G, h, w]`: the strided convolution of `dq`.
/// Row L17.
///
/// In the formula, `dq` is indexed with its padding.
public func transposedConvolution2DBackwardInput<Scalar>(
  _ dq: Volume<Scalar>, _ w: Kernel<Scalar>, stride s: Extent, padding: Padding = 0
) -> Volume<Scalar> {
  convolution(dq, w, Vector(zeros: w.outputs), stride: s, padding: padding)
}

/// `dw^(g,f)_uv = Σ_ij x^(g)_ij·dq^(f)_{s·i+u, s·j+v}`, `[G, F, k, l]`. Row L17.
///
/// - `size`: the kernel's `[k, l]`.
public func transposedConvolution2DBackwardKernel<Scalar>(
  _ dq: Volume<Scalar>, _ x: Volume<Scalar>, size: Extent, stride s: Extent, padding: Padding = 0
) -> Kernel<Scalar> {
  convolutionBackwardKernel(x, dq, size: size, stride: s, padding: padding)
}
