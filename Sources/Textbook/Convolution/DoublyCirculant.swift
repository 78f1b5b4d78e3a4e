// Lecture row L19: convolution as the product of a matrix, which holds copies of the kernel, and the flattened
// input.
//
//     p  [H, W]    w  [k, k]    q  [H − k + 1, W − k + 1]

/// The matrix with `vec(w ⋆ p) = doubly_circulant(w)·vec(p)`,
/// `[(H − k + 1)·(W − k + 1), H·W]`. Row L19.
///
/// Row (i, j) is `vec(embed_{k×k}^{H×W}(w, [i, j]))`: the kernel at its position for output (i, j). Most
/// elements are zero. The product therefore takes O(W²H²) multiplications instead of O(WHk²). It serves to
/// explain, not to compute fast.
///
/// - `extent`: the input's `[H, W]`.
public func doublyCirculant<Scalar>(
  _ w: Matrix<Scalar>, over extent: Extent
) -> Matrix<Scalar> {
  let outputs = Extent(extent.rows - w.rows + 1, extent.columns - w.columns + 1)
  return Matrix(
    (0..<outputs.rows).flatMap { i in
      (0..<outputs.columns).map { j in vec(embed(w, into: extent, at: i, j)).elements }
    })
}

/// `q = w ⋆ p` from `vec(q) = doubly_circulant(w)·vec(p)`, `[H − k + 1, W − k + 1]`. Row L19.
public func convolution2DByDoublyCirculant<Scalar>(
  _ p: Matrix<Scalar>, _ w: Matrix<Scalar>
) -> Matrix<Scalar> {
  reshape(
    doublyCirculant(w, over: Extent(p.rows, p.columns)) * vec(p),
    rows: p.rows - w.rows + 1, columns: p.columns - w.columns + 1)
}

/// `dvec(p) = dvec(q)·doubly_circulant(w)`, `[H, W]`. Row L19.
///
/// The row vector `dvec(q)` stands on the left, so the matrix acts as its transpose: hence the name
/// "transposed convolution".
///
/// - `extent`: the input's `[H, W]`.
public func convolution2DBackwardInputByDoublyCirculant<Scalar>(
  _ dq: Matrix<Scalar>, _ w: Matrix<Scalar>, extent: Extent
) -> Matrix<Scalar> {
  reshape(
    vec(dq) * doublyCirculant(w, over: extent), rows: extent.rows, columns: extent.columns)
}
