/// `shift(p, d)_i = p_{i+d}`, `[n]`, with zeros outside `p`. Row L6.
///
/// `shift(p, −1)` moves the elements one place to the right.
public func shift<Scalar>(_ p: Vector<Scalar>, _ d: Int) -> Vector<Scalar> {
  Vector(count: p.count) { i in p.elements.indices.contains(i + d) ? p[i + d] : 0 }
}

/// `shift(p, d, e)_ij = p_{i+d, j+e}`, `[H, W]`, with zeros outside `p`. Row L10.
public func shift<Scalar>(_ p: Matrix<Scalar>, _ d: Int, _ e: Int) -> Matrix<Scalar> {
  Matrix(rows: p.rows, columns: p.columns) { i, j in
    p.contains(i + d, j + e) ? p[i + d, j + e] : 0
  }
}
