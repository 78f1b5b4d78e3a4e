// Lecture row L10: convolution of one channel with a square kernel. The padding is `a` zeros on every side.
// With `a = ⌊k/2⌋` and an odd `k` the output has the size of the input.
//
//     p  [H, W]    w  [k, k]    q  [H + 2a − k + 1, W + 2a − k + 1]

/// `q_ij = sum(crop_{k×k}(p, i, j) ⊙ w)`, `[H, W]`: the form of the slide, for `a = ⌊k/2⌋`. Row L10.
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

/// `dw = dq ⋆ pad(p, a)`, `[k, k]`, with the padding of the forward pass. Row L10.
public func convolution2DBackwardKernel<Scalar>(
  _ dq: Matrix<Scalar>, _ p: Matrix<Scalar>, padding a: Int
) -> Matrix<Scalar> {
  dq ⋆ pad(p, a)
}

/// `dw_uv = sum(shift(p, u − ⌊k/2⌋, v − ⌊k/2⌋) ⊙ dq)`, `[k, k]`: the form of the slide, for `a = ⌊k/2⌋`.
/// Row L10.
public func convolution2DBackwardKernelByShift<Scalar>(
  _ dq: Matrix<Scalar>, _ p: Matrix<Scalar>, k: Int
) -> Matrix<Scalar> {
  precondition(k % 2 == 1, "convolution2DBackwardKernelByShift: an even kernel size \(k)")
  return Matrix(rows: k, columns: k) { u, v in sum(shift(p, u - k / 2, v - k / 2) ⊙ dq) }
}

/// `dp = flip2d(w) ⋆ pad(dq, k − 1 − a)`, `[H, W]`. Row L10.
///
/// The padding is the slide's `⌊k/2⌋` for `a = ⌊k/2⌋`, and `k − 1` for a forward pass without padding.
public func convolution2DBackwardInput<Scalar>(
  _ dq: Matrix<Scalar>, _ w: Matrix<Scalar>, padding a: Int
) -> Matrix<Scalar> {
  transposedConvolution2D(dq, w, padding: a)
}

/// Requires a square kernel, as all kernels of the lecture are.
func preconditionSquare<Scalar>(_ w: Matrix<Scalar>) {
  precondition(w.rows == w.columns, "convolution2D: a kernel \(w.shape) that is not square")
}
