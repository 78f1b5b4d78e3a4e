// Padding with zeros. Lecture rows L6, L10 and L13.

/// `pad(x, a)`, `[n + 2a]`: `a` zeros before and after `x`. Row L6.
public func pad<Scalar>(_ x: Vector<Scalar>, _ a: Int) -> Vector<Scalar> {
  precondition(a >= 0, "pad: \(a) zeros")
  return embed(x, into: x.count + 2 * a, at: a)
}

/// `pad(x, a)`, `[rows + top + bottom, columns + left + right]`: zeros on every side. Row L10.
public func pad<Scalar>(_ x: Matrix<Scalar>, _ a: Padding) -> Matrix<Scalar> {
  precondition(min(a.top, a.left, a.bottom, a.right) >= 0, "pad: \(a)")
  return embed(
    x, into: Extent(x.rows + a.top + a.bottom, x.columns + a.left + a.right), at: a.top, a.left)
}

/// `pad(x, a)`, `[rows + 2a, columns + 2a]`: `a` zeros on every side. Row L10.
public func pad<Scalar>(_ x: Matrix<Scalar>, _ a: Int) -> Matrix<Scalar> {
  pad(x, Padding(a))
}

/// `pad(x^(f), a)` for every channel. Row L13.
public func pad<Scalar>(_ x: Volume<Scalar>, _ a: Padding) -> Volume<Scalar> {
  Volume(channels: x.channels) { f in pad(x[f], a) }
}
