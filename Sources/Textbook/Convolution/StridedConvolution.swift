// Lecture rows L14, L15 and L16: convolution over channels with stride `s` and a padding of `a` zeros. Row L15
// computes the backward pass by chaining, through all outputs of stride 1. Row L16 computes it directly.
//
//     p  [F, H, W]    w  [G, F, k, k]    q  [G, ⌊(H + 2a − k)/s⌋ + 1, ⌊(W + 2a − k)/s⌋ + 1]

/// `q_ij = x_{s·i, s·j}`, `[H, W] → [⌈H/s⌉, ⌈W/s⌉]`: every `s`-th element along both axes. Row L14.
public func subsample<Scalar>(_ x: Matrix<Scalar>, _ s: Int) -> Matrix<Scalar> {
  precondition(s > 0, "subsample: stride \(s)")
  return Matrix(rows: (x.rows + s - 1) / s, columns: (x.columns + s - 1) / s) { i, j in
    x[s * i, s * j]
  }
}

/// `dx_{s·i, s·j} = dq_ij`, with zeros for the skipped elements, `[H, W]`. Row L15.
///
/// - `extent`: the `[H, W]` of `x`.
public func subsampleBackward<Scalar>(
  _ dq: Matrix<Scalar>, _ s: Int, into extent: Extent
) -> Matrix<Scalar> {
  var dx = Matrix<Scalar>(zeros: extent.rows, extent.columns)
  for i in 0..<dq.rows {
    for j in 0..<dq.columns { dx[s * i, s * j] = dq[i, j] }
  }
  return dx
}

/// `q^(g) = subsample(Σ_f w^(g,f) ⋆ pad(p^(f), a), s)`: every `s`-th output of the convolution with stride 1.
/// Row L14.
public func stridedConvolution2D<Scalar>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>, stride s: Int, padding a: Int
) -> Volume<Scalar> {
  let plain = convolution2D(p, w, Vector(zeros: w.outputs), padding: a)
  return Volume(channels: w.outputs) { g in subsample(plain[g], s) }
}

/// `dp`, `[F, H, W]`, by the backward pass of the subsampling and then that of the convolution with stride 1.
/// Row L15.
///
/// - `extent`: the input's `[H, W]`. With a stride, several extents have an output of one size.
public func stridedConvolution2DBackwardInputByChaining<Scalar>(
  _ dq: Volume<Scalar>, _ w: Kernel<Scalar>, stride s: Int, padding a: Int, extent: Extent
) -> Volume<Scalar> {
  let dplain = skippedOutputsAsZeros(dq, k: w.rows, stride: s, padding: a, extent: extent)
  return convolution2DBackwardInput(dplain, w, padding: a)
}

/// `dw^(g,f) = dplain^(g) ⋆ pad(p^(f), a)`, `[G, F, k, k]`, where `dplain` is the gradient with respect to the
/// outputs of stride 1. Row L15.
public func stridedConvolution2DBackwardKernelByChaining<Scalar>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, k: Int, stride s: Int, padding a: Int
) -> Kernel<Scalar> {
  let extent = Extent(p.rows, p.columns)
  let dplain = skippedOutputsAsZeros(dq, k: k, stride: s, padding: a, extent: extent)
  return convolution2DBackwardKernel(dplain, p, padding: a)
}

/// `dp^(f) = Σ_ij Σ_g embed_{k×k}^{H×W}(dq^(g)_ij·w^(g,f), [s·i, s·j])`, without multiplications by zero.
/// Row L16.
///
/// In the formula, `H×W` is the extent with padding; the result is cropped to `extent`. No convolution computes
/// this sum.
public func stridedConvolution2DBackwardInput<Scalar>(
  _ dq: Volume<Scalar>, _ w: Kernel<Scalar>, stride s: Int, padding a: Int, extent: Extent
) -> Volume<Scalar> {
  precondition(
    dq.channels == w.outputs, "stridedConvolution2D: gradient \(dq.shape), kernel \(w.shape)")
  let padded = Extent(extent.rows + 2 * a, extent.columns + 2 * a)
  return Volume(channels: w.inputs) { f in
    var dp = Matrix<Scalar>(zeros: padded.rows, padded.columns)
    for i in 0..<dq.rows {
      for j in 0..<dq.columns {
        for g in 0..<w.outputs {
          dp += embed(dq[g, i, j] * w[g, f], into: padded, at: s * i, s * j)
        }
      }
    }
    return crop(dp, extent, from: a, a)
  }
}

/// The gradient with respect to all outputs of stride 1, with zeros for the skipped ones.
private func skippedOutputsAsZeros<Scalar>(
  _ dq: Volume<Scalar>, k: Int, stride s: Int, padding a: Int, extent: Extent
) -> Volume<Scalar> {
  let plain = Extent(extent.rows + 2 * a - k + 1, extent.columns + 2 * a - k + 1)
  return Volume(channels: dq.channels) { g in subsampleBackward(dq[g], s, into: plain) }
}
