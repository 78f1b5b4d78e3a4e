import CKernels
import Tensors

/// The loss of a classifier. For plain labels it is the negative logarithm of the probability of
/// the right class. PyTorch's `nn.CrossEntropyLoss`.
///
///     z  [n, classes] logits        L = (1/N) Σᵢ Lᵢ,   Lᵢ = log Σ_c exp(z_ic) − z_iy
///
/// The log-sum-exp form neither overflows nor loses a small probability. The backward pass is
/// `∂z = (softmax(z) − onehot(y)) / N`. This 1/N, of the whole mini-batch, is the only one: all
/// layers add `G·P` (lecture row L4).
///
/// In general the target is a row `t` of ``ClassTargets``, and class `c` has the weight `w_c`. With
/// `v_c = w_c·t_c` and the total weight `W`
///
///     Lᵢ = Σ_c v_c·(log Σ_k exp(z_k) − z_c)        ∂z = ((Σ_c v_c)·softmax(z) − v) / W
///
/// Without weights `W = N`. With weights PyTorch's `weight=` divides by `W = Σᵢ w_{yᵢ}` if the
/// targets are labels, smoothed or not, and by `N` if they are probabilities.
public enum SoftmaxCrossEntropy {
  /// Computes each example's loss, and `∂z` unless `dz` is nil.
  ///
  /// - `labels`: one for each example, in 0 ..< classes.
  /// - `batchSize`: N of the whole mini-batch, which may have more examples than this call.
  public static func evaluate(
    _ z: Tensor, labels: UnsafePointer<Int32>, batchSize: Int,
    losses: UnsafeMutablePointer<Double>, dz: Tensor?, in context: Context
  ) {
    evaluate(
      z, ClassTargets(borrowing: UnsafeBufferPointer(start: labels, count: z.shape[0])),
      totalWeight: Double(batchSize), losses: losses, dz: dz, in: context)
  }

  /// Computes each example's loss, and `∂z` unless `dz` is nil.
  ///
  /// - `weights`: `w`, `[classes]`; all 1 if nil.
  /// - `totalWeight`: `W` of the whole mini-batch, which may have more examples than this call.
  /// - `losses`: receives the `Lᵢ`; their sum divided by `W` is `L`.
  public static func evaluate(
    _ z: Tensor, _ targets: ClassTargets, weights: UnsafePointer<Float>? = nil,
    totalWeight: Double, losses: UnsafeMutablePointer<Double>, dz: Tensor?, in context: Context
  ) {
    let classes = z.shape.countPerExample
    Loss.forEachLane(of: z.shape[0], in: context) { examples, _ in
      let first = examples.lowerBound
      var targets = targets.kernelTargets(of: examples)
      context.kernels.softmax_cross_entropy(
        z.base + first * classes, &targets, weights, examples.count, classes,
        1 / Float(totalWeight), losses + first, dz.map { $0.base + first * classes })
    }
  }
}
