// Lecture rows L13, L14 and L16 in full generality, as plain loops: any number of channels, kernels of odd and
// even sizes that need not be square, and a stride and a padding for each axis. The tests compare the fast
// layers with these functions.
//
//     p  [F, H, W]    w  [G, F, k, l]    b  [G]    q  [G, h, w]
//     h = ⌊(H + top + bottom − k)/s⌋ + 1             w likewise
//
// In the formulas, `p` and `dp` are indexed with their padding.

/// `q^(g)_ij = b_g + Σ_f Σ_uv p^(f)_{s·i+u, s·j+v}·w^(g,f)_uv`, `[G, h, w]`. Rows L13 and L14.
@_specialize(where Scalar == Double)
@_specialize(where Scalar == Float)
public func convolution<Scalar>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>, _ b: Vector<Scalar>,
  stride s: Extent = 1, padding: Padding = 0
) -> Volume<Scalar> {
  precondition(
    p.channels == w.inputs && b.count == w.outputs,
    "convolution: input \(p.shape), kernel \(w.shape), bias \(b.shape)")
  let padded = pad(p, padding)
  precondition(
    w.rows <= padded.rows && w.columns <= padded.columns,
    "convolution: a kernel \(w.shape) over a padded input \(padded.shape)")
  var q = Volume<Scalar>(
    zeros: w.outputs, (padded.rows - w.rows) / s.rows + 1,
    (padded.columns - w.columns) / s.columns + 1)
  for g in 0..<w.outputs {
    for i in 0..<q.rows {
      for j in 0..<q.columns {
        var total = b[g]
        for f in 0..<w.inputs {
          for u in 0..<w.rows {
            for v in 0..<w.columns {
              total += padded[f, s.rows * i + u, s.columns * j + v] * w[g, f, u, v]
            }
          }
        }
        q[g, i, j] = total
      }
    }
  }
  return q
}

/// `dp^(f)_{s·i+u, s·j+v} += dq^(g)_ij·w^(g,f)_uv` for all `g, i, j, u, v`, then without padding `[F, H, W]`.
/// Rows L13 and L16.
///
/// - `extent`: the input's `[H, W]`. With a stride, several extents have an output of one size.
@_specialize(where Scalar == Double)
@_specialize(where Scalar == Float)
public func convolutionBackwardInput<Scalar>(
  _ dq: Volume<Scalar>, _ w: Kernel<Scalar>,
  stride s: Extent = 1, padding: Padding = 0, extent: Extent
) -> Volume<Scalar> {
  precondition(
    dq.channels == w.outputs, "convolution: gradient \(dq.shape), kernel \(w.shape)")
  var dp = Volume<Scalar>(
    zeros: w.inputs, extent.rows + padding.top + padding.bottom,
    extent.columns + padding.left + padding.right)
  for g in 0..<w.outputs {
    for i in 0..<dq.rows {
      for j in 0..<dq.columns {
        for f in 0..<w.inputs {
          for u in 0..<w.rows {
            for v in 0..<w.columns {
              dp[f, s.rows * i + u, s.columns * j + v] += dq[g, i, j] * w[g, f, u, v]
            }
          }
        }
      }
    }
  }
  return Volume(channels: w.inputs) { f in crop(dp[f], extent, from: padding.top, padding.left) }
}

/// `dw^(g,f)_uv = Σ_ij dq^(g)_ij·p^(f)_{s·i+u, s·j+v}`, `[G, F, k, l]`. Row L13.
///
/// - `size`: the kernel's `[k, l]`. With a stride, the other shapes do not determine it.
@_specialize(where Scalar == Double)
@_specialize(where Scalar == Float)
public func convolutionBackwardKernel<Scalar>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, size: Extent,
  stride s: Extent = 1, padding: Padding = 0
) -> Kernel<Scalar> {
  let padded = pad(p, padding)
  var dw = Kernel<Scalar>(zeros: dq.channels, p.channels, size.rows, size.columns)
  for g in 0..<dw.outputs {
    for f in 0..<dw.inputs {
      for u in 0..<dw.rows {
        for v in 0..<dw.columns {
          var total: Scalar = 0
          for i in 0..<dq.rows {
            for j in 0..<dq.columns {
              total += dq[g, i, j] * padded[f, s.rows * i + u, s.columns * j + v]
            }
          }
          dw[g, f, u, v] = total
        }
      }
    }
  }
  return dw
}
