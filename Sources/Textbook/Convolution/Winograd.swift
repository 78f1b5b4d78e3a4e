// Lecture row L22: Winograd's convolution F(m×m, r×r) with the matrices of `WinogradMatrices` (Lavin and Gray
// 2015). It computes tiles of `m×m` outputs from tiles of `n×n` inputs, n = m + r − 1.

/// `Y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A`, one tile: `d` `[n, n]` and `g` `[r, r]` give `[m, m]`. Row L22.
///
/// `⊙` takes `n²` multiplications; the convolution takes `m²·r²`. The transforms multiply by constants. A layer
/// transforms each kernel once for all tiles, and each tile once for all output channels.
public func winogradTile<Scalar>(
  _ d: Matrix<Scalar>, _ g: Matrix<Scalar>, _ matrices: WinogradMatrices<Scalar>
) -> Matrix<Scalar> {
  transform(
    transform(g, matrices.kernelTransform) ⊙ transform(d, matrices.inputTransform),
    matrices.outputTransform)
}

/// `q = w ⋆ p` tile by tile, `[H − r + 1, W − r + 1]`. Row L22.
///
/// Neighboring tiles of inputs overlap by `r − 1`. The last tiles may extend beyond the image. Zeros extend `p`
/// to their size, and their outputs beyond `q` are dropped.
public func convolution2DByWinograd<Scalar>(
  _ p: Matrix<Scalar>, _ w: Matrix<Scalar>, _ matrices: WinogradMatrices<Scalar>
) -> Matrix<Scalar> {
  convolution2DByWinograd(
    Volume([p]), Kernel(outputs: 1, inputs: 1) { _, _ in w }, matrices)[0]
}

/// `q^(g) = Σ_f w^(g,f) ⋆ p^(f)` tile by tile: `Y^(g) = Aᵀ[Σ_f U^(g,f) ⊙ V^(f)]A`. Row L22.
///
/// `U = G·w·Gᵀ` and `V = Bᵀ·d·B` are the transformed kernels and tiles. The sum over channels comes before the
/// transform of the outputs, so each output tile is transformed once.
///
/// Shapes: `p` `[F, H, W]`, `w` `[G, F, r, r]`, `q` `[G, H − r + 1, W − r + 1]`.
public func convolution2DByWinograd<Scalar>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>, _ matrices: WinogradMatrices<Scalar>
) -> Volume<Scalar> {
  let m = matrices.outputs
  let r = matrices.kernel
  precondition(
    w.rows == r && w.columns == r && p.channels == w.inputs && p.rows >= r && p.columns >= r,
    "convolution2DByWinograd: F(\(m), \(r)), input \(p.shape), kernel \(w.shape)")
  let outputs = Extent(p.rows - r + 1, p.columns - r + 1)
  let tiles = Extent((outputs.rows + m - 1) / m, (outputs.columns + m - 1) / m)
  let whole = Extent(m * tiles.rows, m * tiles.columns)
  let extended = pad(
    p,
    Padding(
      top: 0, left: 0, bottom: whole.rows - outputs.rows, right: whole.columns - outputs.columns))

  return Volume(channels: w.outputs) { g in
    var q = Matrix<Scalar>(zeros: whole.rows, whole.columns)
    for i in 0..<tiles.rows {
      for j in 0..<tiles.columns {
        let product = sum(0..<w.inputs) { f in
          let d = crop(extended[f], Extent(matrices.tile), from: m * i, m * j)
          return transform(w[g, f], matrices.kernelTransform)
            ⊙ transform(d, matrices.inputTransform)
        }
        q += embed(transform(product, matrices.outputTransform), into: whole, at: m * i, m * j)
      }
    }
    return crop(q, outputs, from: 0, 0)
  }
}

/// `T·x·Tᵀ`: the transform `T` along the columns and along the rows.
private func transform<Scalar>(_ x: Matrix<Scalar>, _ map: Matrix<Scalar>) -> Matrix<Scalar> {
  map * x * map.transposed
}
