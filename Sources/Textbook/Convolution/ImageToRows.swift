// Lecture rows L20 and L21: convolution as the product of a matrix, which holds the crops of the input, and the
// flattened kernels. Processors compute one large product efficiently. The matrix takes O(WHk²) memory, the
// input O(WH).
//
//     p  [F, H, W]    w  [G, F, k, l]    q  [G, H − k + 1, W − l + 1]

/// `im2row(p)`, `[(H − k + 1)·(W − l + 1), k·l]`: row (i, j) is `vec(crop_{k×l}(p, i, j))`. Row L20.
public func im2row<Scalar>(_ p: Matrix<Scalar>, _ k: Extent) -> Matrix<Scalar> {
  Matrix(
    (0..<p.rows - k.rows + 1).flatMap { i in
      (0..<p.columns - k.columns + 1).map { j in vec(crop(p, k, from: i, j)).elements }
    })
}

/// `im2row(p)` over channels, `[(H − k + 1)·(W − l + 1), F·k·l]`: the rows of all channels, joined. Row L20.
///
/// Figure 1 of Chetlur et al. (2014) has the transpose of this matrix, with the rows of each channel in flipped
/// order: the figure convolves, the lecture cross-correlates.
public func im2row<Scalar>(_ p: Volume<Scalar>, _ k: Extent) -> Matrix<Scalar> {
  let slices = (0..<p.channels).map { f in im2row(p[f], k) }
  return Matrix((0..<slices[0].rows).map { i in slices.flatMap { $0.row(i).elements } })
}

/// `[vec(w^(1)) … vec(w^(G))]`, `[F·k·l, G]`: a column for each output channel. Row L20.
public func kernelColumns<Scalar>(_ w: Kernel<Scalar>) -> Matrix<Scalar> {
  Matrix(shape: [w.outputs, w.inputs * w.rows * w.columns], elements: w.elements).transposed
}

/// `vec(q) = im2row(p)·vec(w)`: `q = w ⋆ p`, `[H − k + 1, W − l + 1]`. Row L20.
public func convolution2DByRows<Scalar>(
  _ p: Matrix<Scalar>, _ w: Matrix<Scalar>
) -> Matrix<Scalar> {
  reshape(
    im2row(p, Extent(w.rows, w.columns)) * vec(w),
    rows: p.rows - w.rows + 1, columns: p.columns - w.columns + 1)
}

/// `[vec(q^(1)) … vec(q^(G))] = im2row(p)·[vec(w^(1)) … vec(w^(G))]`, one matrix product for all output
/// channels. Row L20.
public func convolution2DByRows<Scalar>(
  _ p: Volume<Scalar>, _ w: Kernel<Scalar>
) -> Volume<Scalar> {
  let columns = im2row(p, Extent(w.rows, w.columns)) * kernelColumns(w)
  return Volume(
    shape: [w.outputs, p.rows - w.rows + 1, p.columns - w.columns + 1],
    elements: columns.transposed.elements)
}

/// `dvec(w) = dvec(q)·im2row(p)`, `[k, l]`, since `∂vec(q)/∂vec(w) = im2row(p)`. Row L21.
public func convolution2DBackwardKernelByRows<Scalar>(
  _ dq: Matrix<Scalar>, _ p: Matrix<Scalar>, size k: Extent
) -> Matrix<Scalar> {
  reshape(vec(dq) * im2row(p, k), rows: k.rows, columns: k.columns)
}

/// `dvec(w^(g)) = dvec(q^(g))·im2row(p)`, `[G, F, k, l]`, as one product for all `g`. Row L21.
public func convolution2DBackwardKernelByRows<Scalar>(
  _ dq: Volume<Scalar>, _ p: Volume<Scalar>, size k: Extent
) -> Kernel<Scalar> {
  let gradients = Matrix(shape: [dq.channels, dq.rows * dq.columns], elements: dq.elements)
  return Kernel(
    shape: [dq.channels, p.channels, k.rows, k.columns],
    elements: (gradients * im2row(p, k)).elements)
}

/// `dp = reshape(im2row(pad(dq))·vec(flip2d(w)))`, `[H, W]`. Row L21.
///
/// `pad` adds `k − 1` zeros, because the forward pass has no padding. With a stride most elements of the
/// matrix would be zero, so row L16 is more efficient.
public func convolution2DBackwardInputByRows<Scalar>(
  _ dq: Matrix<Scalar>, _ w: Matrix<Scalar>
) -> Matrix<Scalar> {
  convolution2DByRows(pad(dq, Padding(rows: w.rows - 1, columns: w.columns - 1)), flip2d(w))
}

/// `dp = reshape(im2row(pad(dq))·[vec(flip2d(w^(g,f)))])` over channels, `[F, H, W]`. Row L21.
public func convolution2DBackwardInputByRows<Scalar>(
  _ dq: Volume<Scalar>, _ w: Kernel<Scalar>
) -> Volume<Scalar> {
  let flipped = Kernel(outputs: w.inputs, inputs: w.outputs) { f, g in flip2d(w[g, f]) }
  return convolution2DByRows(
    pad(dq, Padding(rows: w.rows - 1, columns: w.columns - 1)), flipped)
}
