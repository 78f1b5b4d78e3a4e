// Embedding into zeros, the adjoint of cropping, and one-hot tensors. Lecture rows L8, L9 and L16.

/// `embed_k^n(x, p)`, `[n]`: `x`, `[k]`, at `[p ..< p + k]` and zeros elsewhere. Row L9.
///
/// The adjoint of ``crop(_:_:from:)``: `⟨embed(x, p), y⟩ = ⟨x, crop(y, p)⟩`.
public func embed<Scalar>(_ x: Vector<Scalar>, into n: Int, at p: Int) -> Vector<Scalar> {
  precondition(p >= 0 && p + x.count <= n, "embed: \(x.count) elements at \(p) into \(n)")
  var whole = Vector<Scalar>(zeros: n)
  for u in 0..<x.count { whole[p + u] = x[u] }
  return whole
}

/// `embed_{k×k}^{H×W}(x, [i, j])`, `[H, W]`: `x` with its upper left corner at (i, j), and zeros elsewhere.
/// Row L16.
public func embed<Scalar>(
  _ x: Matrix<Scalar>, into extent: Extent, at i: Int, _ j: Int
) -> Matrix<Scalar> {
  precondition(
    i >= 0 && j >= 0 && i + x.rows <= extent.rows && j + x.columns <= extent.columns,
    "embed: \(x.shape) at (\(i), \(j)) into \(extent.rows)×\(extent.columns)")
  var whole = Matrix<Scalar>(zeros: extent.rows, extent.columns)
  for u in 0..<x.rows {
    for v in 0..<x.columns { whole[i + u, j + v] = x[u, v] }
  }
  return whole
}

/// `onehot^n(i) = embed_1^n(1, i)`, `[n]`: 1 at `i` and zeros elsewhere. Row L8.
public func onehot<Scalar>(_ n: Int, _ i: Int) -> Vector<Scalar> {
  embed([1], into: n, at: i)
}

/// `onehot^{H×W}(i, j)`, `[H, W]`: 1 at (i, j) and zeros elsewhere. Row L8, for matrices.
public func onehot<Scalar>(_ extent: Extent, _ i: Int, _ j: Int) -> Matrix<Scalar> {
  embed([[1]], into: extent, at: i, j)
}
