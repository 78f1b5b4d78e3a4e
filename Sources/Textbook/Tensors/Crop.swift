// Cropping: parts of vectors and matrices, from lecture rows L6 and L10.

/// `p[i ..< i + k]`, `[k]`. All these elements must exist. Row L6.
public func crop<Scalar>(_ p: Vector<Scalar>, _ k: Int, from i: Int) -> Vector<Scalar> {
  precondition(i >= 0 && k >= 0 && i + k <= p.count, "crop: \(k) from \(i) of \(p.count)")
  return Vector(count: k) { u in p[i + u] }
}

/// `crop_k(p, i)_u = p[i − ⌊k/2⌋ + u]`, `[k]`: the `k` elements around `i`. Row L6.
///
/// Elements outside `p` count as zero, by padding.
public func crop<Scalar>(_ p: Vector<Scalar>, _ k: Int, around i: Int) -> Vector<Scalar> {
  crop(pad(p, k / 2), k, from: i)
}

/// `p[i ..< i + k.rows, j ..< j + k.columns]`. The rectangle must lie within `p`. Row L10.
public func crop<Scalar>(
  _ p: Matrix<Scalar>, _ k: Extent, from i: Int, _ j: Int
) -> Matrix<Scalar> {
  precondition(
    i >= 0 && j >= 0 && i + k.rows <= p.rows && j + k.columns <= p.columns,
    "crop: \(k.rows)×\(k.columns) from (\(i), \(j)) of \(p.shape)")
  return Matrix(rows: k.rows, columns: k.columns) { u, v in p[i + u, j + v] }
}

/// `crop_{k×k}(p, i, j)`, `[k, k]`: the elements around (i, j). Elements outside `p` count as zero. Row L10.
public func crop<Scalar>(
  _ p: Matrix<Scalar>, _ k: Int, around i: Int, _ j: Int
) -> Matrix<Scalar> {
  crop(pad(p, k / 2), Extent(k), from: i, j)
}
