// Lecture rows L5 and L6: convolution of a vector `p`, `[n]`. Row L5 has a number `w` as its kernel, row L6
// a vector `w`, `[k]`, of odd length. The padding of ⌊k/2⌋ zeros at both ends gives `q` the length of `p`.

/// `q = w·p`, `[n]`, with a number as the kernel. Row L5.
public func scalarConvolution<Scalar>(_ p: Vector<Scalar>, _ w: Scalar) -> Vector<Scalar> {
  w * p
}

/// `dp = w·dq`, `[n]`. Row L5.
public func scalarConvolutionBackwardInput<Scalar>(
  _ dq: Vector<Scalar>, _ w: Scalar
) -> Vector<Scalar> {
  w * dq
}

/// `dw = dq·p`, a number. Row L5.
public func scalarConvolutionBackwardKernel<Scalar>(
  _ dq: Vector<Scalar>, _ p: Vector<Scalar>
) -> Scalar {
  dot(dq, p)
}

/// `q_i = crop_k(p, i)ᵀ·w = Σ_u p_{i−⌊k/2⌋+u}·w_u`, `[n]`. Row L6.
public func convolution1D<Scalar>(_ p: Vector<Scalar>, _ w: Vector<Scalar>) -> Vector<Scalar> {
  preconditionOdd(w.count)
  return Vector(count: p.count) { i in dot(crop(p, w.count, around: i), w) }
}

/// `dw_u = dq·shift(p, u − ⌊k/2⌋)`, `[k]`, since the forward pass multiplies `w_u` by the shifted `p`.
/// Row L6.
public func convolution1DBackwardKernelByShift<Scalar>(
  _ dq: Vector<Scalar>, _ p: Vector<Scalar>, k: Int
) -> Vector<Scalar> {
  preconditionOdd(k)
  return Vector(count: k) { u in dot(dq, shift(p, u - k / 2)) }
}

/// `dw = dq ⋆ pad(p, ⌊k/2⌋)`, `[k]`: the same as one cross-correlation. Row L6.
public func convolution1DBackwardKernel<Scalar>(
  _ dq: Vector<Scalar>, _ p: Vector<Scalar>, k: Int
) -> Vector<Scalar> {
  preconditionOdd(k)
  return dq ⋆ pad(p, k / 2)
}

/// `dp_i = sum(crop_k(dq, i) ⊙ flip(w))`, `[n]`. Row L6.
public func convolution1DBackwardInputByCrop<Scalar>(
  _ dq: Vector<Scalar>, _ w: Vector<Scalar>
) -> Vector<Scalar> {
  preconditionOdd(w.count)
  return Vector(count: dq.count) { i in sum(crop(dq, w.count, around: i) ⊙ flip(w)) }
}

/// `dp = flip(w) ⋆ pad(dq, ⌊k/2⌋)`, `[n]`: the same as one cross-correlation. Row L6.
public func convolution1DBackwardInput<Scalar>(
  _ dq: Vector<Scalar>, _ w: Vector<Scalar>
) -> Vector<Scalar> {
  preconditionOdd(w.count)
  return flip(w) ⋆ pad(dq, w.count / 2)
}

/// With an even `k`, no equal padding at both ends keeps the length.
private func preconditionOdd(_ k: Int) {
  precondition(k % 2 == 1, "convolution1D: an even kernel length \(k)")
}
