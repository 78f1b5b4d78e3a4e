import CKernels
import Tensors

/// The multiclass hinge loss of Weston and Watkins (1999) with margin 1: every wrong class should score
/// at least 1 less than the right one. PyTorch's `nn.MultiMarginLoss`.
///
///     z  [n, classes] scores        Lᵢ = (1/classes)·Σ_{c≠y} max(0, 1 − z_y + z_c)
///
/// Textbook's `multiclassHinge`, the course's, is the sum without `1/classes`. The backward pass is,
/// with `⟦·⟧` 1 where true and 0 elsewhere,
///
///     ∂z_c = ⟦1 − z_y + z_c > 0⟧ / (N·classes)  for c ≠ y        ∂z_y = −Σ_{c≠y} ∂z_c
///
/// An example with two labels has `λ` times the loss for one of them and `1 − λ` times that for the
/// other. Labels cannot be smoothed.
public enum MulticlassHinge {
  /// Computes each example's loss, and `∂z` unless `dz` is nil.
  ///
  /// - Parameter batchSize: N, of all micro-batches together.
  public static func evaluate(
    _ z: Tensor, _ targets: ClassTargets, batchSize: Int, losses: UnsafeMutablePointer<Double>,
    dz: Tensor?, in context: Context
  ) {
    precondition(targets.smoothing == 0, "MulticlassHinge: smoothed labels")
    let classes = z.shape.countPerExample
    Loss.forEachLane(of: z.shape[0], in: context) { examples, _ in
      let first = examples.lowerBound
      var targets = targets.kernelTargets(of: examples)
      context.kernels.multiclass_hinge(
        z.base + first * classes, &targets, examples.count, classes, 1 / Float(batchSize),
        losses + first, dz.map { $0.base + first * classes })
    }
  }
}
