/// The `k` elements from `i` on, `p[i ..< i + k]`, which must all exist. Row L6.
public func crop<Scalar>(_ p: Vector<Scalar>, _ k: Int, from i: Int) -> Vector<Scalar> {
  precondition(i >= 0 && k >= 0 && i + k <= p.count, "crop: \(k) from \(i) of \(p.count)")
  return Vector(count: k) { u in p[i + u] }
}

/// `crop_k(p, i)`: the `k` elements around `i`, `p[i − ⌊k/2⌋ + u]`. Row L6.
///
/// Elements outside `p` read as zero: padding takes care of the illegal accesses.
public func crop<Scalar>(_ p: Vector<Scalar>, _ k: Int, around i: Int) -> Vector<Scalar> {
  crop(pad(p, k / 2), k, from: i)
}

/// The rectangle with its upper left corner at (i, j), which must lie within `p`. Row L10.
public func crop<Scalar>(
  _ p: Matrix<Scalar>, _ k: Extent, from i: Int, _ j: Int
) -> Matrix<Scalar> {
  precondition(
    i >= 0 && j >= 0 && i + k.rows <= p.rows && j + k.columns <= p.columns,
    "crop: \(k.rows)×\(k.columns) from (\(i), \(j)) of \(p.shape)")
  return Matrix(rows: k.rows, columns: k.columns) { u, v in p[i + u, j + v] }
}

/// `crop_{k×k}(p, i, j)`: the `k×k` elements around (i, j), zero outside `p`. Row L10.
public func crop<Scalar>(
  _ p: Matrix<Scalar>, _ k: Int, around i: Int, _ j: Int
) -> Matrix<Scalar> {
  crop(pad(p, k / 2), Extent(k), from: i, j)
}
