// Lecture row L11: the transposed convolution `w ⋆ᵀ x`, an operation of its own, which can also be
// used forward. It is the adjoint of the convolution with the same kernel and padding,
// `⟨w ⋆ pad(p, a), x⟩ = ⟨p, w ⋆ᵀ x⟩`, and so its backward pass in the input.

/// `w ⋆ᵀ x = flip2d(w) ⋆ pad(x, k − 1 − a)`, `[H, W] → [H − 2a + k − 1, W − 2a + k − 1]`. Row L11.
///
/// - Parameter a: the padding of the convolution that it is the transpose of, at most `k − 1`. With
///   `⌊k/2⌋` for an odd `k` it is the slide's `flip2d(w) ⋆ pad(x, ⌊k/2⌋)`.
public func transposedConvolution2D<Scalar>(
  _ x: Matrix<Scalar>, _ w: Matrix<Scalar>, padding a: Int
) -> Matrix<Scalar> {
  preconditionSquare(w)
  return flip2d(w) ⋆ pad(x, w.rows - 1 - a)
}

/// `(w ⋆ᵀ x)^(f) = Σ_g flip2d(w^(g,f)) ⋆ pad(x^(g), k − 1 − a)`: kernels are flipped along the
/// rows and columns only. Row L11.
///
/// Shapes: `x` `[g, H, W]`, `w` `[g, f, k, k]`, result `[f, H − 2a + k − 1, W − 2a + k − 1]`.
public func transposedConvolution2D<Scalar>(
  _ x: Volume<Scalar>, _ w: Kernel<Scalar>, padding a: Int
) -> Volume<Scalar> {
  precondition(
    x.channels == w.outputs, "transposedConvolution2D: input \(x.shape), kernel \(w.shape)")
  return Volume(channels: w.inputs) { f in
    sum(0..<w.outputs) { g in transposedConvolution2D(x[g], w[g, f], padding: a) }
  }
}
