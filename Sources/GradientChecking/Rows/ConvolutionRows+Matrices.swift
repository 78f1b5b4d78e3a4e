import Textbook

/// Rows L19 to L22: convolutions without padding. The image is padded before, and the gradient with respect to
/// it is cropped after.
extension ConvolutionRows {
  // MARK: Rows L19 to L21

  var matrixFormulas: [RowFormula] {
    let size = Extent(k)
    let rows: [RowFormula] = [
      .output("L20", "convolution2DByRows") { biased(convolution2DByRows(padded($0), w)) },
      .inputGradient("L21", "convolution2DBackwardInputByRows") { dq, _ in
        let dp = convolution2DBackwardInputByRows(dq, w)
        return Volume(channels: w.inputs) { f in crop(dp[f], input, from: padding, padding) }
      },
      .parameterGradient("L21", "convolution2DBackwardKernelByRows") { dq, p in
        convolution2DBackwardKernelByRows(dq, padded(p), size: size)
      },
      output("L20", "convolution2DByRows of one channel") {
        convolution2DByRows(pad($0, padding), $1)
      },
      backwardInput("L21", "convolution2DBackwardInputByRows of one channel") {
        crop(convolution2DBackwardInputByRows($0, $1), input, from: padding, padding)
      },
      backwardKernel("L21", "convolution2DBackwardKernelByRows of one channel") {
        convolution2DBackwardKernelByRows($0, pad($1, padding), size: size)
      },
    ]
    let extent = Extent(input.rows + 2 * padding, input.columns + 2 * padding)
    let elements =
      extent.rows * extent.columns * (extent.rows - k + 1) * (extent.columns - k + 1)
    guard elements <= Self.mostCirculantElements else { return rows }
    return rows + [
      output("L19", "convolution2DByDoublyCirculant") {
        convolution2DByDoublyCirculant(pad($0, padding), $1)
      },
      backwardInput("L19", "convolution2DBackwardInputByDoublyCirculant") {
        crop(
          convolution2DBackwardInputByDoublyCirculant($0, $1, extent: extent), input,
          from: padding, padding)
      },
    ]
  }

  // MARK: Row L22

  var winogradFormulas: [RowFormula] {
    let algorithms: [(name: String, matrices: WinogradMatrices<Rational>)] =
      switch k {
      case 3: [("F(2, 3)", .f2x3), ("F(4, 3)", .f4x3)]
      case 5: [("F(2, 5)", WinogradMatrices(outputs: 2, kernel: 5, points: [0, 1, -1, 2, -2]))]
      default: []
      }
    return algorithms.flatMap { name, exact -> [RowFormula] in
      let matrices = WinogradMatrices<Double>(exact)
      return [
        .output("L22", "convolution2DByWinograd, \(name)") {
          biased(convolution2DByWinograd(padded($0), w, matrices))
        },
        output("L22", "winogradTile, \(name)") { byTiles(pad($0, padding), $1, matrices) },
      ]
    }
  }

  /// `w ⋆ p` from the results of `winogradTile`. Zeros extend the image to whole tiles.
  private func byTiles(
    _ p: Matrix<Double>, _ w: Matrix<Double>, _ matrices: WinogradMatrices<Double>
  ) -> Matrix<Double> {
    let m = matrices.outputs
    let outputs = Extent(p.rows - k + 1, p.columns - k + 1)
    let extended = embed(p, into: Extent(p.rows + m, p.columns + m), at: 0, 0)
    var q = Matrix<Double>(zeros: outputs.rows, outputs.columns)
    for i in Swift.stride(from: 0, to: outputs.rows, by: m) {
      for j in Swift.stride(from: 0, to: outputs.columns, by: m) {
        let tile = winogradTile(
          crop(extended, Extent(matrices.tile), from: i, j), w, matrices)
        for u in 0..<min(m, outputs.rows - i) {
          for v in 0..<min(m, outputs.columns - j) { q[i + u, j + v] = tile[u, v] }
        }
      }
    }
    return q
  }

  private func padded(_ p: Volume<Double>) -> Volume<Double> {
    Volume(channels: p.channels) { f in pad(p[f], padding) }
  }
}
