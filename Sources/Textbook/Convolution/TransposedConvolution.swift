// Lecture row L11: the transposed convolution `w ⋆ᵀ x`. It is the adjoint of the convolution with the same
// kernel and padding,
//
//     ⟨w ⋆ pad(p, a), x⟩ = ⟨p, w ⋆ᵀ x⟩
//
// and therefore the convolution's backward pass with respect to the input. Row L17 uses it as a layer.

/// `w ⋆ᵀ x = flip2d(w) ⋆ pad(x, k − 1 − a)`, `[H, W] → [H − 2a + k − 1, W − 2a + k − 1]`. Row L11.
///
/// - `a`: the padding of the convolution, at most `k − 1`. With `a = ⌊k/2⌋` and an odd `k` the result is
///   the slide's `flip2d(w) ⋆ pad(x, ⌊k/2⌋)`.
public func transposedConvolution2D<Scalar>(
  _ x: Matrix<Scalar>, _ w: Matrix<Scalar>, padding a: Int
) -> Matrix<Scalar> {
  preconditionSquare(w)
  return flip2d(w) ⋆ pad(x, w.rows - 1 - a)
}

/// `(w ⋆ᵀ x)^(f) = Σ_g flip2d(w^(g,f)) ⋆ pad(x^(g), k − 1 − a)`. Row L11.
///
/// Shapes: `x` `[G, H, W]`, `w` `[G, F, k, k]`, result `[F, H − 2a + k − 1, W − 2a + k − 1]`.
public func transposedConvolution2D<Scalar>(
  _ x: Volume<Scalar>, _ w: Kernel<Scalar>, padding a: Int
) -> Volume<Scalar> {
  precondition(
    x.channels == w.outputs, "transposedConvolution2D: input \(x.shape), kernel \(w.shape)")
  return Volume(channels: w.inputs) { f in
    sum(0..<w.outputs) { g in transposedConvolution2D(x[g], w[g, f], padding: a) }
  }
}
