// Stochastic depth (Huang et al. 2016). The lecture has no row for it.

/// `q = m/(1 − r)·p` for one example.
///
/// The number `m` is 0 with probability `r`, else 1. The factor `1/(1 − r)` keeps the expected value.
public func stochasticDepth<G: Grid>(_ p: G, survival m: G.Scalar, probability r: G.Scalar) -> G
where G.Scalar: BinaryFloatingPoint {
  m / (1 - r) * p
}

/// `dp = m/(1 − r)·dq`, with the number of the forward pass.
public func stochasticDepthBackward<G: Grid>(
  _ dq: G, survival m: G.Scalar, probability r: G.Scalar
) -> G where G.Scalar: BinaryFloatingPoint {
  m / (1 - r) * dq
}
