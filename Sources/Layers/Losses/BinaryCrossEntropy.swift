import CKernels
import Tensors

/// The binary cross-entropy of scores; the logistic sigmoid of a score is a probability. It equals
/// PyTorch's `nn.BCEWithLogitsLoss`, since the mean over examples of `Lᵢ` is the mean over all
/// elements.
///
///     s, y  [n, D], y in 0…1        Lᵢ = −(1/D)·Σ_j (y_j·ln σ(s_j) + (1 − y_j)·ln(1 − σ(s_j)))
///
/// Each term is computed as `max(0, s) − s·y + ln(1 + e^{−|s|})`. This form neither overflows nor
/// takes the logarithm of zero, and is accurate to 2·10⁻⁷ of the term. The backward pass is
/// `∂s = (σ(s) − y) / (N·D)`.
///
/// For classes `y` is the row of ``ClassTargets``: `onehot(label)` for a plain label.
public enum BinaryCrossEntropy {
  /// Computes each example's loss, and `∂s` unless `ds` is nil.
  ///
  /// - `batchSize`: N of the whole mini-batch, which may have more examples than this call.
  public static func evaluate(
    _ s: Tensor, _ targets: Targets, batchSize: Int, losses: UnsafeMutablePointer<Double>,
    ds: Tensor?, in context: Context
  ) {
    let outputs = s.shape.countPerExample
    Loss.forEachTarget(of: s, targets, in: context) { examples, y in
      let first = examples.lowerBound
      context.kernels.binary_cross_entropy(
        s.base + first * outputs, y, examples.count, outputs, 1 / Float(batchSize),
        losses + first, ds.map { $0.base + first * outputs })
    }
  }
}
