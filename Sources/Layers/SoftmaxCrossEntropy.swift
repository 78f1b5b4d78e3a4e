import CKernels
import Tensors

/// The loss of a classifier: the negative logarithm of the probability of the right class.
///
///     z  [n, classes] logits        L = (1/N) Σᵢ Lᵢ,   Lᵢ = log Σ_c exp(z_ic) − z_iy
///
/// in the log-sum-exp form, which neither overflows nor loses a small probability. The backward pass
/// is `∂z = (softmax(z) − onehot(y)) / N`, and this 1/N, of the whole mini-batch, is the only one: all
/// layers add `G·P` (lecture row L4).
public enum SoftmaxCrossEntropy {
  /// Computes each example's loss, and `∂z` unless `dz` is nil.
  ///
  /// - Parameters:
  ///   - labels: one for each example, in 0 ..< classes.
  ///   - batchSize: N, of all micro-batches together.
  public static func evaluate(
    _ z: Tensor, labels: UnsafePointer<Int32>, batchSize: Int,
    losses: UnsafeMutablePointer<Double>, dz: Tensor?, in context: Context
  ) {
    let count = z.shape[0]
    let classes = z.shape.countPerExample
    context.pool.run(Context.laneCount) { lane, _ in
      let range = Context.examples(ofLane: lane, among: count)
      guard !range.isEmpty else { return }
      let first = range.lowerBound
      context.kernels.softmax_cross_entropy(
        z.base + first * classes, labels + first, range.count, classes, 1 / Float(batchSize),
        losses + first, dz.map { $0.base + first * classes })
    }
  }
}
