// Lecture rows L8 and L9: max pooling of a vector, over the whole vector (L8) and over regions of `k` elements
// that do not overlap (L9). Of equal maxima the first counts.

/// `q = max p`, a number. Row L8.
public func globalMaxPooling<Scalar: Comparable>(_ p: Vector<Scalar>) -> Scalar {
  p[argmax(p)]
}

/// `dp = dq·onehot^n(argmax p)`, `[n]`: the maximum gets the whole gradient. Row L8.
public func globalMaxPoolingBackward<Scalar: Comparable>(
  _ dq: Scalar, _ p: Vector<Scalar>
) -> Vector<Scalar> {
  dq * onehot(p.count, argmax(p))
}

/// Region `i` of a vector, `p[k·i ..< min(k·i + k, n)]`. The last region may have fewer than `k` elements.
/// Row L9.
public func poolingRegion<Scalar>(_ p: Vector<Scalar>, _ k: Int, _ i: Int) -> Vector<Scalar> {
  crop(p, min(k, p.count - k * i), from: k * i)
}

/// `q_i = max region_i`, `[⌈n/k⌉]`. Row L9.
public func maxPooling1D<Scalar: Comparable>(_ p: Vector<Scalar>, _ k: Int) -> Vector<Scalar> {
  precondition(k > 0, "maxPooling1D: regions of \(k)")
  return Vector(count: (p.count + k - 1) / k) { i in globalMaxPooling(poolingRegion(p, k, i)) }
}

/// `dp = Σ_i dq_i·embed_k^n(onehot^k(argmax region_i), k·i)`, `[n]`. Row L9.
public func maxPooling1DBackward<Scalar: Comparable>(
  _ dq: Vector<Scalar>, _ p: Vector<Scalar>, _ k: Int
) -> Vector<Scalar> {
  var dp = Vector<Scalar>(zeros: p.count)
  for i in 0..<dq.count {
    let region = poolingRegion(p, k, i)
    dp += dq[i] * embed(onehot(region.count, argmax(region)), into: p.count, at: k * i)
  }
  return dp
}
