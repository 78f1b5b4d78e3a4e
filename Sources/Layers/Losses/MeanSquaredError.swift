import CKernels
import Tensors

/// The mean squared error of values. It equals PyTorch's `nn.MSELoss`, since the mean over examples
/// of `Lᵢ` is the mean over all elements.
///
///     q, y  [n, D]        Lᵢ = (1/D)·Σ_j (q_j − y_j)²        ∂q = (2/(N·D))·(q − y)
///
/// For classes `y` is the row of ``ClassTargets``: `onehot(label)` for a plain label.
public enum MeanSquaredError {
  /// Computes each example's loss, and `∂q` unless `dq` is nil.
  ///
  /// - `batchSize`: N of the whole mini-batch, which may have more examples than this call.
  public static func evaluate(
    _ q: Tensor, _ targets: Targets, batchSize: Int, losses: UnsafeMutablePointer<Double>,
    dq: Tensor?, in context: Context
  ) {
    let outputs = q.shape.countPerExample
    Loss.forEachTarget(of: q, targets, in: context) { examples, y in
      let first = examples.lowerBound
      context.kernels.squared_error(
        q.base + first * outputs, y, examples.count, outputs, 1 / Float(batchSize),
        losses + first, dq.map { $0.base + first * outputs })
    }
  }
}
