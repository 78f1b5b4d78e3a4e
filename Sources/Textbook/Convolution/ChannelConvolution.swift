// Lecture row L13: convolution over channels, from `F` input channels to `G` output channels. Each output
// channel sums the convolutions of all input channels. The padding is `a` zeros on every side.
//
//     p  [F, H, W]    w  [G, F, k, k]    b  [G]
//     q  [G, H + 2a − k + 1, W + 2a − k + 1]

/// `q^(g) = Σ_f w^(g,f) ⋆ pad(p^(f), a) + b_g`. Row L13.
public func convolution2D<Scalar>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>, _ b: Vector<Scalar>, padding a: Int
) -> Volume<Scalar> {
  precondition(
    p.channels == w.inputs && b.count == w.outputs,
    "convolution2D: input \(p.shape), kernel \(w.shape), bias \(b.shape)")
  return Volume(channels: w.outputs) { g in
    sum(0..<w.inputs) { f in convolution2D(p[f], w[g, f], padding: a) }.map { $0 + b[g] }
  }
}

/// `db_g = Σ_ij dq^(g)_ij`, `[G]`. Row L13.
public func convolution2DBackwardBias<Scalar>(_ dq: Volume<Scalar>) -> Vector<Scalar> {
  Vector(count: dq.channels) { g in sum(dq[g]) }
}

/// `dp^(f) = Σ_g flip2d(w^(g,f)) ⋆ pad(dq^(g), k − 1 − a)`, `[F, H, W]`: the transposed convolution.
/// Row L13.
public func convolution2DBackwardInput<Scalar>(
  _ dq: Volume<Scalar>, _ w: Kernel<Scalar>, padding a: Int
) -> Volume<Scalar> {
  transposedConvolution2D(dq, w, padding: a)
}

/// `dw^(g,f) = dq^(g) ⋆ pad(p^(f), a)`, `[G, F, k, k]`. Row L13.
public func convolution2DBackwardKernel<Scalar>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, padding a: Int
) -> Kernel<Scalar> {
  Kernel(outputs: dq.channels, inputs: p.channels) { g, f in
    convolution2DBackwardKernel(dq[g], p[f], padding: a)
  }
}
