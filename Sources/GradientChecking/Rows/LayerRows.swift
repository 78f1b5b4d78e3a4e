import Layers
import Textbook

extension Convolution2D {
  func rowFormulas(input: Extent) -> [RowFormula] {
    ConvolutionRows(self, input: input)?.formulas ?? []
  }
}

extension TransposedConvolution2D {
  /// Row L11, for stride 1: the backward pass is a convolution.
  func rowFormulas(input: Extent) -> [RowFormula] {
    guard kernel.height == kernel.width, padding.height == padding.width,
      stride == Extent2D(1)
    else { return [] }
    let w = Kernel(shape: weight.layout.storedShape, elements: weight.exactValues)
    let b = biasVector(bias, outputChannels)
    let zeros = Vector<Double>(zeros: w.outputs)
    let a = padding.width
    return [
      .output("L11", "transposedConvolution2D over channels") { x in
        let q = transposedConvolution2D(x, w, padding: a)
        return Volume(channels: q.channels) { f in q[f].map { $0 + b[f] } }
      },
      .output("L11", "transposedConvolution2D") { x in
        Volume(channels: w.inputs) { f in
          (0..<w.outputs).map { g in transposedConvolution2D(x[g], w[g, f], padding: a) }
            .reduce(nil) { total, term in total.map { $0 + term } ?? term }!
            .map { $0 + b[f] }
        }
      },
      .inputGradient("L13", "convolution2D") { dq, _ in
        convolution2D(dq, w, zeros, padding: a)
      },
      .parameterGradient("L13", "convolution2DBackwardKernel") { dq, x in
        convolution2DBackwardKernel(x, dq, padding: a)
      },
    ]
  }
}

extension FullyConnected {
  /// Rows L3 and L4.
  func rowFormulas(input: Extent) -> [RowFormula] {
    let weights = Matrix(shape: weight.layout.storedShape, elements: weight.exactValues)
    let b = biasVector(bias, outputs)
    func vectors(_ x: [Volume<Double>]) -> [Vector<Double>] { x.map { Vector($0.elements) } }
    var formulas: [RowFormula] = [
      .output("L3", "fullyConnected") {
        let q = fullyConnected(Vector($0.elements), weights, b)
        return Volume(shape: [q.count, 1, 1], elements: q.elements)
      },
      .inputGradient("L3", "fullyConnectedBackwardInput") { dq, p in
        Volume(
          shape: p.shape,
          elements: fullyConnectedBackwardInput(Vector(dq.elements), weights).elements)
      },
      .parameterGradient("L3", "fullyConnectedBackwardWeightByRows") { dq, p in
        fullyConnectedBackwardWeightByRows(Vector(dq.elements), Vector(p.elements))
      },
      .parameterGradient("L3", "fullyConnectedBackwardWeight") { dq, p in
        fullyConnectedBackwardWeight(Vector(dq.elements), Vector(p.elements))
      },
      RowFormula(row: "L4", function: "accumulatedWeightGradient", result: .weightGradient) {
        accumulatedWeightGradient(vectors($1), vectors($0)).elements
      },
      // The loss's mean puts 1/N into every dq. The formula takes each example's own gradient.
      RowFormula(
        row: "L4", function: "fullyConnectedBackwardWeight(batch:)", result: .weightGradient
      ) { p, dq in
        fullyConnectedBackwardWeight(
          batch: vectors(dq).map { Double(dq.count) * $0 }, vectors(p)
        ).elements
      },
    ]
    // The Jacobian has C²·D elements.
    if outputs * weight.layout.count <= 1 << 18 {
      formulas.append(
        .parameterGradient("L3", "fullyConnectedBackwardWeightByJacobian") { dq, p in
          fullyConnectedBackwardWeightByJacobian(Vector(dq.elements), Vector(p.elements))
        })
    }
    return formulas
  }
}

extension GlobalPooling {
  /// Row L8, a vector for each channel.
  func rowFormulas(input: Extent) -> [RowFormula] {
    guard mode == .maximum else { return [] }
    return [
      .output("L8", "globalMaxPooling") { p in
        Volume(channels: p.channels) { f in [[globalMaxPooling(vec(p[f]))]] }
      },
      .inputGradient("L8", "globalMaxPoolingBackward") { dq, p in
        Volume(channels: p.channels) { f in
          reshape(
            globalMaxPoolingBackward(dq[f, 0, 0], vec(p[f])), rows: p.rows, columns: p.columns)
        }
      },
    ]
  }
}

extension MaxPooling {
  /// Row L9: the maxima of a row's regions, and then of a column's, for regions that do not overlap.
  func rowFormulas(input: Extent) -> [RowFormula] {
    let isWhole = input.rows % size.height == 0 && input.columns % size.width == 0
    guard size == stride, padding == Extent2D(0), ceilMode || isWhole else { return [] }
    let (k, l) = (size.height, size.width)
    return [
      .output("L9", "maxPooling1D") { p in
        Volume(channels: p.channels) { f in
          byColumns(byRows(p[f]) { maxPooling1D($0, l) }) { maxPooling1D($0, k) }
        }
      },
      .inputGradient("L9", "maxPooling1DBackward") { dq, p in
        Volume(channels: p.channels) { f in
          let maxima = byRows(p[f]) { maxPooling1D($0, l) }
          let dmaxima = byColumns(dq[f], maxima) { maxPooling1DBackward($0, $1, k) }
          return byRows(dmaxima, p[f]) { maxPooling1DBackward($0, $1, l) }
        }
      },
    ]
  }
}

private func byRows(
  _ x: Matrix<Double>, _ map: (Vector<Double>) -> Vector<Double>
) -> Matrix<Double> {
  Matrix((0..<x.rows).map { map(x.row($0)).elements })
}

private func byRows(
  _ x: Matrix<Double>, _ y: Matrix<Double>,
  _ map: (Vector<Double>, Vector<Double>) -> Vector<Double>
) -> Matrix<Double> {
  Matrix((0..<x.rows).map { map(x.row($0), y.row($0)).elements })
}

private func byColumns(
  _ x: Matrix<Double>, _ map: (Vector<Double>) -> Vector<Double>
) -> Matrix<Double> {
  byRows(x.transposed, map).transposed
}

private func byColumns(
  _ x: Matrix<Double>, _ y: Matrix<Double>,
  _ map: (Vector<Double>, Vector<Double>) -> Vector<Double>
) -> Matrix<Double> {
  byRows(x.transposed, y.transposed, map).transposed
}
