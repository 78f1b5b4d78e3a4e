/// `q = p ⊙ m/(1 − r)`, elementwise, for a mask `m` of ones and zeros that are drawn with probability
/// `r` (Srivastava et al. 2014). The scale keeps the expected value.
public func dropout<G: Grid>(_ p: G, mask m: G, probability r: G.Scalar) -> G
where G.Scalar: BinaryFloatingPoint {
  1 / (1 - r) * (p ⊙ m)
}

/// `dp = dq ⊙ m/(1 − r)`
public func dropoutBackward<G: Grid>(_ dq: G, mask m: G, probability r: G.Scalar) -> G
where G.Scalar: BinaryFloatingPoint {
  1 / (1 - r) * (dq ⊙ m)
}
