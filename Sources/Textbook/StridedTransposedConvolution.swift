// Lecture row L17: the transposed convolution with a stride, used forward to raise the resolution.
// `x` `[G, h, w]`, kernel `w` `[G, F, k, l]`, `b` `[F]`, result `[F, H, W]` with
//
//     H = s·(h − 1) + k − top − bottom + output padding        W likewise

/// `q^(f) = Σ_ij Σ_g embed_{k×l}^{H×W}(x^(g)_ij·w^(g,f), [s·i, s·j]) + b_f`. Row L17.
///
/// It is the backward pass of row L16 as a layer of its own: neighboring inputs' kernels overlap
/// and add up.
///
/// - Parameters:
///   - padding: cut off the border of the result, as it was added to the convolution's input.
///   - outputPadding: rows and columns more at the bottom and right, less than the stride: which of
///     the extents that the strided convolution maps to `h×w`.
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

/// `dx^(g)_ij = Σ_f Σ_uv dq^(f)_{s·i+u, s·j+v}·w^(g,f)_uv`, `[G, h, w]`: the strided convolution.
///
/// Row L17. The indices are those of the uncut result, with the padding restored.
public func transposedConvolution2DBackwardInput<Scalar>(
  _ dq: Volume<Scalar>, _ w: Kernel<Scalar>, stride s: Extent, padding: Padding = 0
) -> Volume<Scalar> {
  convolution(dq, w, Vector(zeros: w.outputs), stride: s, padding: padding)
}

/// `dw^(g,f)_uv = Σ_ij x^(g)_ij·dq^(f)_{s·i+u, s·j+v}`, `[G, F, k, l]`. Row L17.
///
/// - Parameter size: the kernel's `[k, l]`.
public func transposedConvolution2DBackwardKernel<Scalar>(
  _ dq: Volume<Scalar>, _ x: Volume<Scalar>, size: Extent, stride s: Extent, padding: Padding = 0
) -> Kernel<Scalar> {
  convolutionBackwardKernel(x, dq, size: size, stride: s, padding: padding)
}
