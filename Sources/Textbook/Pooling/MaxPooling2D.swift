// Max pooling of images: over whole channels (lecture row L8), and by windows of any size, stride and padding,
// which may overlap (row L9 in two dimensions). Of equal maxima the first in row-major order counts.

/// `q_f = max p^(f)`, `[c, h, w] → [c]`. Row L8.
public func globalMaxPooling<Scalar: Comparable>(_ p: Volume<Scalar>) -> Vector<Scalar> {
  Vector(count: p.channels) { f in globalMaxPooling(Vector(p[f].elements)) }
}

/// `dp^(f) = dq_f·onehot^{h×w}(argmax p^(f))`, `[c, h, w]`. Row L8.
public func globalMaxPoolingBackward<Scalar: Comparable>(
  _ dq: Vector<Scalar>, _ p: Volume<Scalar>
) -> Volume<Scalar> {
  Volume(channels: p.channels) { f in
    let best = argmax(p[f])
    return dq[f] * onehot(Extent(p.rows, p.columns), best.row, best.column)
  }
}

/// `q^(f)_ij = max region_ij(p^(f))`. A region is the part of the image under the window. Row L9.
///
/// Shapes: `[c, h, w] → [c, window.outputs(of: h×w)]`.
public func maxPooling2D<Scalar: Comparable>(
  _ p: Volume<Scalar>, _ window: PoolingWindow
) -> Volume<Scalar> {
  let outputs = window.outputs(of: Extent(p.rows, p.columns))
  return Volume(channels: p.channels, rows: outputs.rows, columns: outputs.columns) { f, i, j in
    let best = maxPoolingChoice(p, window, f, i, j)
    return p[f, best.row, best.column]
  }
}

/// `dp^(f) = Σ_ij dq^(f)_ij·embed(onehot(argmax region_ij(p^(f))), place of region_ij)`. Row L9.
///
/// Shapes: `[c, window.outputs(of: h×w)] → [c, h, w]`. An element that is the maximum of several windows gets
/// the sum of their gradients.
public func maxPooling2DBackward<Scalar: Comparable>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, _ window: PoolingWindow
) -> Volume<Scalar> {
  var dp = Volume(zerosLike: p)
  for f in 0..<dq.channels {
    for i in 0..<dq.rows {
      for j in 0..<dq.columns {
        let best = maxPoolingChoice(p, window, f, i, j)
        dp[f, best.row, best.column] += dq[f, i, j]
      }
    }
  }
  return dp
}

/// `argmax region_ij(p^(f))`, as a row and a column of the image.
public func maxPoolingChoice<Scalar: Comparable>(
  _ p: Volume<Scalar>, _ window: PoolingWindow, _ f: Int, _ i: Int, _ j: Int
) -> (row: Int, column: Int) {
  let rows = window.rows(i, of: p.rows)
  let columns = window.columns(j, of: p.columns)
  var best = (row: rows.lowerBound, column: columns.lowerBound)
  for r in rows {
    for c in columns where p[f, r, c] > p[f, best.row, best.column] { best = (r, c) }
  }
  return best
}

/// ``maxPoolingChoice(_:_:_:_:_:)`` of every output, as row-major indices within a channel.
public func maxPoolingChoices<Scalar: Comparable>(
  _ p: Volume<Scalar>, _ window: PoolingWindow
) -> [Int] {
  let outputs = window.outputs(of: Extent(p.rows, p.columns))
  var choices: [Int] = []
  for f in 0..<p.channels {
    for i in 0..<outputs.rows {
      for j in 0..<outputs.columns {
        let best = maxPoolingChoice(p, window, f, i, j)
        choices.append(best.row * p.columns + best.column)
      }
    }
  }
  return choices
}
