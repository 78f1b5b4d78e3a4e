// Lecture rows L3 and L4: the fully connected layer `q = W·p + b` from `D` inputs to `C` outputs, and the
// lecture's ways to compute the gradient of `W`.
//
//     p  [D]    W  [C, D]    b  [C]    q  [C]
//
// The gradient of `b` is `dq`.

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

/// The Jacobian `∂q/∂vec(W)`, `[C, C·D]`: row `j` has `pᵀ` at the place of row `j` of `W`. Row L3.
///
/// All other elements are zero, because `q_j` depends only on row `j` of `W`.
public func fullyConnectedJacobian<Scalar>(
  _ p: Vector<Scalar>, outputs: Int
) -> Matrix<Scalar> {
  Matrix((0..<outputs).map { j in embed(p, into: outputs * p.count, at: j * p.count).elements })
}

/// `dvec(W) = dq·∂q/∂vec(W)`, literally by the chain rule: `C²·D` multiplications. Row L3.
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

/// Idea 3: `G·P = Σ_i dq_iᵀ·p_iᵀ`, `[C, D]`: one matrix product for a mini-batch of `N` examples. Row L4.
///
/// Column `i` of `G`, `[C, N]`, is `dq_iᵀ`. Row `i` of `P`, `[N, D]`, is `p_iᵀ`. The product takes `N·C·D`
/// multiplications. ``fullyConnectedBackwardWeight(batch:_:)`` divides the result by `N`.
public func accumulatedWeightGradient<Scalar>(
  _ dq: [Vector<Scalar>], _ p: [Vector<Scalar>]
) -> Matrix<Scalar> {
  precondition(dq.count == p.count, "G·P: \(dq.count) gradients for \(p.count) inputs")
  let gradients = Matrix(dq.map(\.elements)).transposed
  let inputs = Matrix(p.map(\.elements))
  return gradients * inputs
}

/// `dW = (1/N)·G·P`, `[C, D]`: the gradient of the mean loss over a mini-batch. Row L4.
///
/// - Parameters:
///   - dq: `∂L_i/∂q` for each example, `[C]`.
///   - p: the input of each example, `[D]`.
public func fullyConnectedBackwardWeight<Scalar: BinaryFloatingPoint>(
  batch dq: [Vector<Scalar>], _ p: [Vector<Scalar>]
) -> Matrix<Scalar> {
  accumulatedWeightGradient(dq, p).map { $0 / Scalar(p.count) }
}
