// Activation functions: ReLU (lecture row L7), sigmoid, tanh and GELU.
//
// An activation function maps each element of a tensor independently. Its Jacobian is diagonal, so the
// backward pass is an elementwise product: `dp = dq ⊙ f′(p)`. All shapes are equal.

/// `q = max(0, p)`, elementwise. Row L7.
public func relu<G: Grid>(_ p: G) -> G where G.Scalar: Comparable {
  p.map { max(0, $0) }
}

/// `dp = dq ⊙ ⟦p > 0⟧`. Row L7.
public func reluBackward<G: Grid>(_ dq: G, _ p: G) -> G where G.Scalar: Comparable {
  dq ⊙ p.map { $0 > 0 ? 1 : 0 }
}

/// `q = σ(p) = 1 / (1 + e⁻ᵖ)`, elementwise.
///
/// For `p < 0` the code computes the equal `eᵖ / (1 + eᵖ)`, so no exponential overflows.
public func sigmoid<G: Grid>(_ p: G) -> G where G.Scalar: Real {
  p.map { $0 < 0 ? .exp($0) / (1 + .exp($0)) : 1 / (1 + .exp(-$0)) }
}

/// `dp = dq ⊙ q ⊙ (1 − q)`, where `q` is the output of the forward pass.
public func sigmoidBackward<G: Grid>(_ dq: G, q: G) -> G where G.Scalar: Real {
  dq ⊙ q.map { $0 * (1 - $0) }
}

/// `q = tanh p`, elementwise.
public func hyperbolicTangent<G: Grid>(_ p: G) -> G where G.Scalar: Real {
  p.map { .tanh($0) }
}

/// `dp = dq ⊙ (1 − q²)`, where `q` is the output of the forward pass.
public func hyperbolicTangentBackward<G: Grid>(_ dq: G, q: G) -> G where G.Scalar: Real {
  dq ⊙ q.map { 1 - $0 * $0 }
}

/// `q = p·Φ(p)`, elementwise: the Gaussian error linear unit (Hendrycks and Gimpel 2016).
///
/// `Φ(p) = ½·erfc(−p/√2)` is the standard normal distribution.
public func gelu<G: Grid>(_ p: G) -> G where G.Scalar: Real {
  p.map { $0 * normalDistribution($0) }
}

/// `dp = dq ⊙ (Φ(p) + p·φ(p))`, with the density `φ(p) = exp(−p²/2)/√(2π)`.
public func geluBackward<G: Grid>(_ dq: G, _ p: G) -> G where G.Scalar: Real {
  dq ⊙ p.map { normalDistribution($0) + $0 * normalDensity($0) }
}

/// `Φ(x) = ½·erfc(−x/√2)`, the probability that a standard normal variable is below `x`.
public func normalDistribution<Scalar: Real>(_ x: Scalar) -> Scalar {
  .erfc(-x / Scalar(2).squareRoot()) / 2
}

/// `φ(x) = Φ′(x) = exp(−x²/2)/√(2π)`, the density of the standard normal distribution.
public func normalDensity<Scalar: Real>(_ x: Scalar) -> Scalar {
  .exp(-x * x / 2) / (2 * Scalar.pi).squareRoot()
}
