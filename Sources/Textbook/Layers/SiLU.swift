/// `q = p·σ(p)`, elementwise: the sigmoid linear unit (Elfwing, Uchibe and Doya 2018).
public func silu<G: Grid>(_ p: G) -> G where G.Scalar: Real {
  p ⊙ sigmoid(p)
}

/// `dp = dq ⊙ (σ(p) + p ⊙ σ(p) ⊙ (1 − σ(p)))`
public func siluBackward<G: Grid>(_ dq: G, _ p: G) -> G where G.Scalar: Real {
  dq ⊙ sigmoid(p) + sigmoidBackward(dq ⊙ p, q: sigmoid(p))
}
