// Lecture row L18: upsampling by interpolation, which has no parameters, followed by a convolution (Krešo et
// al. 2017). It is the alternative to the strided transposed convolution of row L17.
//
// Interpolation is a linear map along the rows and along the columns, `R` and `C`, in the code `rowMap` and
// `columnMap`:
//
//     q^(f) = R·p^(f)·Cᵀ        dp^(f) = Rᵀ·dq^(f)·C

/// The matrix, `[s·n, n]`, that interpolates `n` elements linearly with the factor `s`. Row L18.
///
/// Output `i` lies at the input coordinate `x = (i + ½)/s − ½`, clamped to `0 … n − 1` (PyTorch's
/// `align_corners=False`). Its value is `(1 − t)·p_⌊x⌋ + t·p_{⌊x⌋+1}` with `t = x − ⌊x⌋`.
public func linearInterpolation<Scalar: BinaryFloatingPoint>(
  _ n: Int, factor s: Int
) -> Matrix<Scalar> {
  var rows = Matrix<Scalar>(zeros: s * n, n)
  for i in 0..<s * n {
    let x = min(max((Scalar(i) + 0.5) / Scalar(s) - 0.5, 0), Scalar(n - 1))
    let below = Int(x)
    let t = x - Scalar(below)
    rows[i, below] += 1 - t
    rows[i, min(below + 1, n - 1)] += t
  }
  return rows
}

/// The matrix, `[s·n, n]`, that repeats each of `n` elements `s` times.
public func nearestInterpolation<Scalar>(_ n: Int, factor s: Int) -> Matrix<Scalar> {
  Matrix(rows: s * n, columns: n) { i, j in i / s == j ? 1 : 0 }
}

/// `q^(f) = R·p^(f)·Cᵀ`, `[c, h, w] → [c, s·h, s·w]`, by linear interpolation. Row L18.
public func bilinearUpsampling<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>, factor s: Extent
) -> Volume<Scalar> {
  let rowMap: Matrix<Scalar> = linearInterpolation(p.rows, factor: s.rows)
  let columnMap: Matrix<Scalar> = linearInterpolation(p.columns, factor: s.columns)
  return Volume(channels: p.channels) { f in rowMap * p[f] * columnMap.transposed }
}

/// `dp^(f) = Rᵀ·dq^(f)·C`, `[c, s·h, s·w] → [c, h, w]`. Row L18.
public func bilinearUpsamplingBackward<Scalar: BinaryFloatingPoint>(
  _ dq: Volume<Scalar>, factor s: Extent
) -> Volume<Scalar> {
  let rowMap: Matrix<Scalar> = linearInterpolation(dq.rows / s.rows, factor: s.rows)
  let columnMap: Matrix<Scalar> = linearInterpolation(dq.columns / s.columns, factor: s.columns)
  return Volume(channels: dq.channels) { f in rowMap.transposed * dq[f] * columnMap }
}

/// `q^(f)_ij = p^(f)_{⌊i/s⌋, ⌊j/s⌋}`, `[c, h, w] → [c, s·h, s·w]`: each element `s×s` times.
public func nearestUpsampling<Scalar>(_ p: Volume<Scalar>, factor s: Extent) -> Volume<Scalar> {
  let rowMap: Matrix<Scalar> = nearestInterpolation(p.rows, factor: s.rows)
  let columnMap: Matrix<Scalar> = nearestInterpolation(p.columns, factor: s.columns)
  return Volume(channels: p.channels) { f in rowMap * p[f] * columnMap.transposed }
}

/// `dp^(f) = Rᵀ·dq^(f)·C`, `[c, s·h, s·w] → [c, h, w]`: the sum over the `s×s` copies of each element.
public func nearestUpsamplingBackward<Scalar>(
  _ dq: Volume<Scalar>, factor s: Extent
) -> Volume<Scalar> {
  let rowMap: Matrix<Scalar> = nearestInterpolation(dq.rows / s.rows, factor: s.rows)
  let columnMap: Matrix<Scalar> = nearestInterpolation(dq.columns / s.columns, factor: s.columns)
  return Volume(channels: dq.channels) { f in rowMap.transposed * dq[f] * columnMap }
}

/// `q = convolution(bilinear(p))`, the alternative to the transposed convolution. Row L18.
///
/// Shapes: `p` `[F, h, w]`, `w` `[G, F, k, k]`, `b` `[G]`, result
/// `[G, s·h + 2a − k + 1, s·w + 2a − k + 1]`.
public func upsampledConvolution2D<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>, _ b: Vector<Scalar>, factor s: Extent, padding a: Int
) -> Volume<Scalar> {
  convolution2D(bilinearUpsampling(p, factor: s), w, b, padding: a)
}
