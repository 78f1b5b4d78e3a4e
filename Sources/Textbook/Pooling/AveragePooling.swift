// Average pooling by windows and over whole channels. The lecture has no row for it.

/// `q^(f)_ij = (1/n_ij)·Σ region_ij(p^(f))`, the mean of the elements under a window.
///
/// Shapes: `[c, h, w] → [c, window.outputs(of: h×w)]`. `n_ij` is the number of elements under the window.
/// With `countsPadding`, PyTorch's default, `n_ij` includes the padding.
public func averagePooling2D<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>, _ window: PoolingWindow, countsPadding: Bool = true
) -> Volume<Scalar> {
  let outputs = window.outputs(of: Extent(p.rows, p.columns))
  return Volume(channels: p.channels, rows: outputs.rows, columns: outputs.columns) { f, i, j in
    let total = sum(window.rows(i, of: p.rows), window.columns(j, of: p.columns)) { r, c in
      p[f, r, c]
    }
    return total / Scalar(averagedCount(window, countsPadding, p, i, j))
  }
}

/// `dp^(f) = Σ_ij embed(dq^(f)_ij/n_ij, everywhere in region_ij)`, `[c, h, w]`.
///
/// - `p`: the input of the forward pass; only its shape matters.
public func averagePooling2DBackward<Scalar: BinaryFloatingPoint>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, _ window: PoolingWindow, countsPadding: Bool = true
) -> Volume<Scalar> {
  var dp = Volume(zerosLike: p)
  for f in 0..<dq.channels {
    for i in 0..<dq.rows {
      for j in 0..<dq.columns {
        let share = dq[f, i, j] / Scalar(averagedCount(window, countsPadding, p, i, j))
        for r in window.rows(i, of: p.rows) {
          for c in window.columns(j, of: p.columns) { dp[f, r, c] += share }
        }
      }
    }
  }
  return dp
}

/// `q_f = (1/(h·w))·Σ_ij p^(f)_ij`, `[c, h, w] → [c]`: the mean of each channel.
public func globalAveragePooling<Scalar: BinaryFloatingPoint>(
  _ p: Volume<Scalar>
) -> Vector<Scalar> {
  Vector(count: p.channels) { f in sum(p[f]) / Scalar(p.rows * p.columns) }
}

/// `dp^(f)_ij = dq_f/(h·w)`, `[c] → [c, h, w]`.
///
/// - `p`: the input of the forward pass; only its shape matters.
public func globalAveragePoolingBackward<Scalar: BinaryFloatingPoint>(
  _ dq: Vector<Scalar>, _ p: Volume<Scalar>
) -> Volume<Scalar> {
  Volume(channels: p.channels, rows: p.rows, columns: p.columns) { f, _, _ in
    dq[f] / Scalar(p.rows * p.columns)
  }
}

/// `n_ij`, the number of elements under a window: of the image, and of its padding if `countsPadding`.
private func averagedCount<Scalar>(
  _ window: PoolingWindow, _ countsPadding: Bool, _ p: Volume<Scalar>, _ i: Int, _ j: Int
) -> Int {
  guard countsPadding else {
    return window.rows(i, of: p.rows).count * window.columns(j, of: p.columns).count
  }
  let firstRow = window.stride.rows * i - window.padding.rows
  let firstColumn = window.stride.columns * j - window.padding.columns
  return min(window.size.rows, p.rows + window.padding.rows - firstRow)
    * min(window.size.columns, p.columns + window.padding.columns - firstColumn)
}
