/// `flip(w)_u = w_{k−1−u}`, `[k]`: the elements in reverse order. Row L6.
public func flip<Scalar>(_ w: Vector<Scalar>) -> Vector<Scalar> {
  Vector(count: w.count) { u in w[w.count - 1 - u] }
}

/// `flip2d(w)_uv = w_{k−1−u, k−1−v}`, `[k, k]`: a rotation by 180°. Row L10.
public func flip2d<Scalar>(_ w: Matrix<Scalar>) -> Matrix<Scalar> {
  Matrix(rows: w.rows, columns: w.columns) { u, v in w[w.rows - 1 - u, w.columns - 1 - v] }
}
