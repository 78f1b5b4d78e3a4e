// Dropout (Srivastava et al. 2014). The lecture has no row for it.

/// `q = p ⊙ m/(1 − r)`, elementwise, in the shape of `p`.
///
/// An element of the mask `m` is 0 with probability `r`, else 1. The factor `1/(1 − r)` keeps the expected
/// value of each element.
public func dropout<G: Grid>(_ p: G, mask m: G, probability r: G.Scalar) -> G
where G.Scalar: BinaryFloatingPoint {
  1 / (1 - r) * (p ⊙ m)
}

/// `dp = dq ⊙ m/(1 − r)`, with the mask of the forward pass.
public func dropoutBackward<G: Grid>(_ dq: G, mask m: G, probability r: G.Scalar) -> G
where G.Scalar: BinaryFloatingPoint {
  1 / (1 - r) * (dq ⊙ m)
}
