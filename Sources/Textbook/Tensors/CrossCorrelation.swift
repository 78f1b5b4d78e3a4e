/// Cross-correlation without padding, `kernel ⋆ input`. Deep learning calls it convolution.
infix operator ⋆ : MultiplicationPrecedence

/// `(w ⋆ p)_i = crop_k(p, i)ᵀ·w = Σ_u p_{i+u}·w_u`, `[k] ⋆ [n] = [n − k + 1]`. Row L6.
public func ⋆ <Scalar>(w: Vector<Scalar>, p: Vector<Scalar>) -> Vector<Scalar> {
  precondition(w.count <= p.count, "⋆: a kernel of \(w.count) over \(p.count)")
  return Vector(count: p.count - w.count + 1) { i in dot(crop(p, w.count, from: i), w) }
}

/// `(w ⋆ p)_ij = sum(crop_{k×k}(p, i, j) ⊙ w) = Σ_uv p_{i+u, j+v}·w_uv`. Row L10.
///
/// Shapes: `[k, l] ⋆ [H, W] = [H − k + 1, W − l + 1]`.
public func ⋆ <Scalar>(w: Matrix<Scalar>, p: Matrix<Scalar>) -> Matrix<Scalar> {
  precondition(
    w.rows <= p.rows && w.columns <= p.columns, "⋆: a kernel of \(w.shape) over \(p.shape)")
  return Matrix(rows: p.rows - w.rows + 1, columns: p.columns - w.columns + 1) { i, j in
    sum(crop(p, Extent(w.rows, w.columns), from: i, j) ⊙ w)
  }
}
