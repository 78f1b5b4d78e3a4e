import Textbook

/// Formulas over one channel, added up over all pairs of an input and an output channel.
extension ConvolutionRows {
  typealias PlaneFormula = (Matrix<Double>, Matrix<Double>) -> Matrix<Double>

  /// `q^(g) = Σ_f q(p^(f), w^(g,f)) + b_g`
  func output(_ row: String, _ function: String, _ q: @escaping PlaneFormula) -> RowFormula {
    .output(row, function) { p in
      biased(
        Volume(channels: w.outputs) { g in total(w.inputs) { f in q(p[f], w[g, f]) } })
    }
  }

  /// `dp^(f) = Σ_g dp(dq^(g), w^(g,f))`
  func backwardInput(
    _ row: String, _ function: String, _ dp: @escaping PlaneFormula
  ) -> RowFormula {
    .inputGradient(row, function) { dq, _ in
      Volume(channels: w.inputs) { f in total(w.outputs) { g in dp(dq[g], w[g, f]) } }
    }
  }

  /// `dw^(g,f) = dw(dq^(g), p^(f))`
  func backwardKernel(
    _ row: String, _ function: String, _ dw: @escaping PlaneFormula
  ) -> RowFormula {
    .parameterGradient(row, function) { dq, p in
      Kernel(outputs: w.outputs, inputs: w.inputs) { g, f in dw(dq[g], p[f]) }
    }
  }

  /// `q^(g) + b_g`
  func biased(_ q: Volume<Double>) -> Volume<Double> {
    Volume(channels: q.channels) { g in q[g].map { $0 + b[g] } }
  }

  private func total(_ count: Int, _ term: (Int) -> Matrix<Double>) -> Matrix<Double> {
    (1..<count).reduce(term(0)) { $0 + term($1) }
  }
}

/// A vector as a matrix of one row.
func line(_ x: Vector<Double>) -> Matrix<Double> { Matrix([x.elements]) }
