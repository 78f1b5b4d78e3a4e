// The losses of one example other than ``softmaxCrossEntropy(_:_:)``, and their gradients. The loss of a
// mini-batch is the mean over its examples. The lecture has no rows for them.

/// `L = (1/D)·Σ_i (q_i − y_i)²`, the mean squared error over the `D` outputs.
public func meanSquaredError<G: Grid>(_ q: G, _ y: G) -> G.Scalar
where G.Scalar: BinaryFloatingPoint {
  dot(q - y, q - y) / G.Scalar(q.elements.count)
}

/// `dq = (2/D)·(q − y)`, in the shape of `q`.
public func meanSquaredErrorGradient<G: Grid>(_ q: G, _ y: G) -> G
where G.Scalar: BinaryFloatingPoint {
  (2 / G.Scalar(q.elements.count)) * (q - y)
}

/// `L = −(1/D)·Σ_i (y_i·ln σ(s_i) + (1 − y_i)·ln(1 − σ(s_i)))`, the binary cross-entropy of `D`
/// scores with targets in 0…1.
///
/// The code computes each term as the equal `max(0, s) − s·y + ln(1 + e^{−|s|})`. It has no overflow and no
/// logarithm of zero.
public func binaryCrossEntropy<G: Grid>(_ s: G, _ y: G) -> G.Scalar where G.Scalar: Real {
  sum(s.zip(y) { max(0, $0) - $0 * $1 + .log1p(.exp(-abs($0))) }) / G.Scalar(s.elements.count)
}

/// `ds = (1/D)·(σ(s) − y)`, in the shape of `s`.
public func binaryCrossEntropyGradient<G: Grid>(_ s: G, _ y: G) -> G where G.Scalar: Real {
  (1 / G.Scalar(s.elements.count)) * (sigmoid(s) - y)
}

/// `L = Σ_{j≠y} max(0, s_j − s_y + Δ)`, the multiclass hinge loss of the scores `s`, `[C]`, with the class `y`
/// and the margin `Δ`.
public func multiclassHinge<Scalar: Comparable>(
  _ s: Vector<Scalar>, _ y: Int, margin: Scalar = 1
) -> Scalar {
  sum(0..<s.count) { j in j == y ? 0 : max(0, s[j] - s[y] + margin) }
}

/// `ds_j = ⟦s_j − s_y + Δ > 0⟧` for `j ≠ y`, and `ds_y = −Σ_{j≠y} ds_j`, `[C]`.
public func multiclassHingeGradient<Scalar: Comparable>(
  _ s: Vector<Scalar>, _ y: Int, margin: Scalar = 1
) -> Vector<Scalar> {
  var ds = Vector<Scalar>(count: s.count) { j in
    j != y && s[j] - s[y] + margin > 0 ? 1 : 0
  }
  ds[y] = 0 - sum(ds)
  return ds
}
