// Lecture rows L3 and L4: `q = W·p + b` and the three ideas for its parameters' gradient, with
// `D` inputs and `C` outputs.

/// `q = W·p + b`, `[C, D]·[D] + [C] = [C]`. Row L3.
public func fullyConnected<Scalar>(
  _ p: Vector<Scalar>, _ weights: Matrix<Scalar>, _ b: Vector<Scalar>
) -> Vector<Scalar> {
  weights * p + b
}

/// `dp = dq·W`, `[C]·[C, D] = [D]`. Row L3.
public func fullyConnectedBackwardInput<Scalar>(
  _ dq: Vector<Scalar>, _ weights: Matrix<Scalar>
) -> Vector<Scalar> {
  dq * weights
}

/// The Jacobian `∂q/∂vec(W)`, `[C, C·D]`: row `j` is `pᵀ` at the place of `W`'s row `j`. Row L3.
///
/// All but one in `C` of its elements are zero, since `q_j` depends on row `j` of `W` alone.
public func fullyConnectedJacobian<Scalar>(
  _ p: Vector<Scalar>, outputs: Int
) -> Matrix<Scalar> {
  Matrix((0..<outputs).map { j in embed(p, into: outputs * p.count, at: j * p.count).elements })
}

/// `dvec(W) = dq·∂q/∂vec(W)`, by the chain rule as it stands: `C²·D` multiplications. Row L3.
///
/// - Returns: `dW`, `[C, D]`.
public func fullyConnectedBackwardWeightByJacobian<Scalar>(
  _ dq: Vector<Scalar>, _ p: Vector<Scalar>
) -> Matrix<Scalar> {
  reshape(
    dq * fullyConnectedJacobian(p, outputs: dq.count), rows: dq.count, columns: p.count)
}

/// Idea 1: `dW_j,: = dq_j·pᵀ`, row by row: `C·D` multiplications. Row L3.
///
/// - Returns: `dW`, `[C, D]`.
public func fullyConnectedBackwardWeightByRows<Scalar>(
  _ dq: Vector<Scalar>, _ p: Vector<Scalar>
) -> Matrix<Scalar> {
  Matrix((0..<dq.count).map { j in (dq[j] * p).elements })
}

/// Idea 2: `dW = dqᵀ·pᵀ`, an outer product: `C·D` multiplications. Row L3.
///
/// - Returns: `dW`, `[C, D]`.
public func fullyConnectedBackwardWeight<Scalar>(
  _ dq: Vector<Scalar>, _ p: Vector<Scalar>
) -> Matrix<Scalar> {
  outer(dq, p)
}

/// Idea 3: `G·P = Σ_i dq_iᵀ·p_iᵀ`, one matrix product for a whole mini-batch. Row L4.
///
/// Column `i` of `G`, `[C, N]`, is `dq_iᵀ` and row `i` of `P`, `[N, D]`, is `p_iᵀ`: `N·C·D`
/// multiplications. ``fullyConnectedBackwardWeight(batch:_:)`` divides it by `N`.
public func accumulatedWeightGradient<Scalar>(
  _ dq: [Vector<Scalar>], _ p: [Vector<Scalar>]
) -> Matrix<Scalar> {
  precondition(dq.count == p.count, "G·P: \(dq.count) gradients for \(p.count) inputs")
  let gradients = Matrix(dq.map(\.elements)).transposed
  let inputs = Matrix(p.map(\.elements))
  return gradients * inputs
}

/// `dW = (1/N)·G·P`, the gradient of the mean loss over a mini-batch. Row L4.
///
/// - Parameters:
///   - dq: `∂L_i/∂q` for each example, `[C]`.
///   - p: the input of each example, `[D]`.
public func fullyConnectedBackwardWeight<Scalar: BinaryFloatingPoint>(
  batch dq: [Vector<Scalar>], _ p: [Vector<Scalar>]
) -> Matrix<Scalar> {
  accumulatedWeightGradient(dq, p).map { $0 / Scalar(p.count) }
}
