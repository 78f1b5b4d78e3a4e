#if canImport(_Differentiation)
  import _Differentiation

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Darwin)
    import Darwin
  #endif

  // The forward passes as plain loops over arrays, which the compiler can differentiate. Each function returns
  // the number `Σ q ⊙ r` for an output `q` and given factors `r`. Its gradients equal the results of the
  // backward passes for `dq = r`.

  /// `q = W·p + b`. Row L3.
  @differentiable(reverse,wrt: (p, w, b))
  func differentiableFullyConnected(
    _ p: [Double], _ w: [Double], _ b: [Double], _ r: [Double]
  ) -> Double {
    let inputs = withoutDerivative(at: p.count)
    var total = 0.0
    for j in 0..<r.count {
      var q = b[j]
      for i in 0..<inputs { q += w[j * inputs + i] * p[i] }
      total += r[j] * q
    }
    return total
  }

  /// `q_i = Σ_u p[i − o + u]·w[u]`, with zeros around `p`. Row L6.
  @differentiable(reverse,wrt: (p, w))
  func differentiableConvolution1D(_ p: [Double], _ w: [Double], _ r: [Double]) -> Double {
    let (n, k) = withoutDerivative(at: (p.count, w.count))
    var total = 0.0
    for i in 0..<r.count {
      for u in 0..<k {
        let place = i - k / 2 + u
        if place >= 0 && place < n { total += r[i] * p[place] * w[u] }
      }
    }
    return total
  }

  /// `q^(g)_ij = b_g + Σ_f Σ_uv p^(f)_{s·i+u, s·j+v}·w^(g,f)_uv`, with zeros around `p`. Rows L10, L13
  /// and L14.
  @differentiable(reverse,wrt: (p, w, b))
  func differentiableConvolution(
    _ p: [Double], _ w: [Double], _ b: [Double], _ r: [Double], _ c: ConvolutionCase
  ) -> Double {
    let rows =
      (c.extent.rows + c.padding.top + c.padding.bottom - c.kernel.rows) / c.stride.rows + 1
    let columns =
      (c.extent.columns + c.padding.left + c.padding.right - c.kernel.columns) / c.stride.columns
      + 1
    var total = 0.0
    for g in 0..<c.outputs {
      for i in 0..<rows {
        for j in 0..<columns {
          var q = b[g]
          for f in 0..<c.inputs {
            for u in 0..<c.kernel.rows {
              for v in 0..<c.kernel.columns {
                let row = c.stride.rows * i + u - c.padding.top
                let column = c.stride.columns * j + v - c.padding.left
                if row >= 0 && row < c.extent.rows && column >= 0 && column < c.extent.columns {
                  q +=
                    p[(f * c.extent.rows + row) * c.extent.columns + column]
                    * w[((g * c.inputs + f) * c.kernel.rows + u) * c.kernel.columns + v]
                }
              }
            }
          }
          total += r[(g * rows + i) * columns + j] * q
        }
      }
    }
    return total
  }

  /// `q^(f)_{s·i+u, s·j+v} += x^(g)_ij·w^(g,f)_uv`, then without the padding. Rows L11 and L17.
  ///
  /// - Parameter c: the convolution whose transpose this is. `x` has the shape of its output, `r` that of its
  ///   input.
  @differentiable(reverse,wrt: (x, w))
  func differentiableTransposedConvolution(
    _ x: [Double], _ w: [Double], _ r: [Double], _ c: ConvolutionCase
  ) -> Double {
    differentiableConvolution(r, w, [Double](repeating: 0, count: c.outputs), x, c)
  }

  /// `q = max(0, p)`. Row L7.
  @differentiable(reverse,wrt: p)
  func differentiableReLU(_ p: [Double], _ r: [Double]) -> Double {
    var total = 0.0
    for i in 0..<r.count where p[i] > 0 { total += r[i] * p[i] }
    return total
  }

  /// `q = 1/(1 + e⁻ᵖ)`
  @differentiable(reverse,wrt: p)
  func differentiableSigmoid(_ p: [Double], _ r: [Double]) -> Double {
    var total = 0.0
    for i in 0..<r.count { total += r[i] / (1 + exp(-p[i])) }
    return total
  }

  /// `q = (eᵖ − e⁻ᵖ)/(eᵖ + e⁻ᵖ)`
  @differentiable(reverse,wrt: p)
  func differentiableTangent(_ p: [Double], _ r: [Double]) -> Double {
    var total = 0.0
    for i in 0..<r.count {
      total += r[i] * (exp(p[i]) - exp(-p[i])) / (exp(p[i]) + exp(-p[i]))
    }
    return total
  }

  /// `q = p·½·erfc(−p/√2)`
  @differentiable(reverse,wrt: p)
  func differentiableGELU(_ p: [Double], _ r: [Double]) -> Double {
    var total = 0.0
    for i in 0..<r.count { total += r[i] * p[i] * erfc(-p[i] / 2.0.squareRoot()) / 2 }
    return total
  }

  /// `q_i = max region_i` of a vector, with regions of `k` elements that do not overlap. Row L9, and row L8 if
  /// `k` is the vector's length.
  @differentiable(reverse,wrt: p)
  func differentiableMaxPooling1D(_ p: [Double], _ k: Int, _ r: [Double]) -> Double {
    let n = withoutDerivative(at: p.count)
    var total = 0.0
    for i in 0..<r.count {
      var best = k * i
      for place in k * i..<min(n, k * i + k) where p[place] > p[best] { best = place }
      total += r[i] * p[best]
    }
    return total
  }

  /// `q = γ·(p − µ)/√(σ² + ε) + β` of one channel.
  @differentiable(reverse,wrt: (p, gamma, beta))
  func differentiableBatchNormalization(
    _ p: [Double], _ gamma: Double, _ beta: Double, _ epsilon: Double, _ r: [Double]
  ) -> Double {
    let m = Double(r.count)
    var mean = 0.0
    for i in 0..<r.count { mean += p[i] / m }
    var variance = 0.0
    for i in 0..<r.count { variance += (p[i] - mean) * (p[i] - mean) / m }
    var total = 0.0
    for i in 0..<r.count {
      total += r[i] * (gamma * (p[i] - mean) / (variance + epsilon).squareRoot() + beta)
    }
    return total
  }

  /// `L = −ln(e^{s_y} / Σ_j e^{s_j})`
  @differentiable(reverse,wrt: s)
  func differentiableCrossEntropy(_ s: [Double], _ y: Int) -> Double {
    let count = withoutDerivative(at: s.count)
    var total = 0.0
    for j in 0..<count { total += exp(s[j]) }
    return -log(exp(s[y]) / total)
  }

  /// `L = (1/D)·Σ_i (q_i − y_i)²`
  @differentiable(reverse,wrt: q)
  func differentiableSquaredError(_ q: [Double], _ y: [Double]) -> Double {
    var total = 0.0
    for i in 0..<y.count { total += (q[i] - y[i]) * (q[i] - y[i]) / Double(y.count) }
    return total
  }

  /// `L = −(1/D)·Σ_i (y_i·ln σ(s_i) + (1 − y_i)·ln(1 − σ(s_i)))`
  @differentiable(reverse,wrt: s)
  func differentiableBinaryCrossEntropy(_ s: [Double], _ y: [Double]) -> Double {
    var total = 0.0
    for i in 0..<y.count {
      let probability = 1 / (1 + exp(-s[i]))
      total -= (y[i] * log(probability) + (1 - y[i]) * log(1 - probability)) / Double(y.count)
    }
    return total
  }

  /// `L = Σ_{j≠y} max(0, s_j − s_y + 1)`
  @differentiable(reverse,wrt: s)
  func differentiableHinge(_ s: [Double], _ y: Int) -> Double {
    let count = withoutDerivative(at: s.count)
    var total = 0.0
    for j in 0..<count where j != y {
      let margin = s[j] - s[y] + 1
      if margin > 0 { total += margin }
    }
    return total
  }
#endif
