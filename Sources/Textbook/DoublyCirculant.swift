// Lecture row L19: convolution as a matrix product by flattening the activations.

/// The matrix with `vec(w ⋆ p) = doubly_circulant(w)·vec(p)`, `[h·w, H·W]`. Row L19.
///
/// Row (i, j) is `vec(embed_{k×k}^{H×W}(w, [i, j]))`: the kernel where it lies for output (i, j).
/// It is large and nearly empty, so the product takes O(W²H²) instead of O(WHk²) multiplications:
/// the slow form, and the instructive one.
///
/// - Parameter extent: the input's `[H, W]`, of which `[h, w] = [H − k + 1, W − k + 1]` follows.
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

/// `dvec(p) = dvec(q)·doubly_circulant(w)`: the transpose in "transposed convolution". Row L19.
///
/// - Parameter extent: the input's `[H, W]`.
public func convolution2DBackwardInputByDoublyCirculant<Scalar>(
  _ dq: Matrix<Scalar>, _ w: Matrix<Scalar>, extent: Extent
) -> Matrix<Scalar> {
  reshape(
    vec(dq) * doublyCirculant(w, over: extent), rows: extent.rows, columns: extent.columns)
}
