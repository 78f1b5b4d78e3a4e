// Lecture row L10: convolution of one channel `p`, `[H, W]`, with a square kernel `w`, `[k, k]`,
// and `a` zeros around the input: `a = ⌊k/2⌋` keeps the resolution where `k` is odd, and `a = 0`
// is the convolution without padding.

/// `q_ij = sum(crop_{k×k}(p, i, j) ⊙ w)`, the slide's form with padding: `[H, W]`. Row L10.
public func convolution2DByCrop<Scalar>(
  _ p: Matrix<Scalar>, _ w: Matrix<Scalar>
) -> Matrix<Scalar> {
  preconditionSquare(w)
  precondition(w.rows % 2 == 1, "convolution2DByCrop: an even kernel \(w.shape)")
  return Matrix(rows: p.rows, columns: p.columns) { i, j in
    sum(crop(p, w.rows, around: i, j) ⊙ w)
  }
}

/// `q = w ⋆ pad(p, a)`, `[H + 2a − k + 1, W + 2a − k + 1]`. Row L10.
public func convolution2D<Scalar>(
  _ p: Matrix<Scalar>, _ w: Matrix<Scalar>, padding a: Int
) -> Matrix<Scalar> {
  preconditionSquare(w)
  return w ⋆ pad(p, a)
}

/// `dw = dq ⋆ pad(p, a)`, `[k, k]`: without forward padding, without padding here. Row L10.
public func convolution2DBackwardKernel<Scalar>(
  _ dq: Matrix<Scalar>, _ p: Matrix<Scalar>, padding a: Int
) -> Matrix<Scalar> {
  dq ⋆ pad(p, a)
}

/// `dw_uv = sum(shift(p, u − ⌊k/2⌋, v − ⌊k/2⌋) ⊙ dq)`, the slide's form for `a = ⌊k/2⌋`. Row L10.
public func convolution2DBackwardKernelByShift<Scalar>(
  _ dq: Matrix<Scalar>, _ p: Matrix<Scalar>, k: Int
) -> Matrix<Scalar> {
  precondition(k % 2 == 1, "convolution2DBackwardKernelByShift: an even kernel size \(k)")
  return Matrix(rows: k, columns: k) { u, v in sum(shift(p, u - k / 2, v - k / 2) ⊙ dq) }
}

/// `dp = flip2d(w) ⋆ pad(dq, k − 1 − a)`, `[H, W]`. Row L10.
///
/// For `a = ⌊k/2⌋` that is the slide's `pad(dq, ⌊k/2⌋)`, and without forward padding it is
/// `pad(dq, k − 1)`.
public func convolution2DBackwardInput<Scalar>(
  _ dq: Matrix<Scalar>, _ w: Matrix<Scalar>, padding a: Int
) -> Matrix<Scalar> {
  transposedConvolution2D(dq, w, padding: a)
}

/// The lecture's kernels are square.
func preconditionSquare<Scalar>(_ w: Matrix<Scalar>) {
  precondition(w.rows == w.columns, "convolution2D: a kernel \(w.shape) that is not square")
}
