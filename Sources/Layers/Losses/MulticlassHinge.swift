import CKernels
import Tensors

/// The multiclass hinge loss of Weston and Watkins (1999) with margin 1: it is 0 if every wrong
/// class scores at least 1 less than the right one. PyTorch's `nn.MultiMarginLoss`.
///
///     z  [n, classes] scores        Lᵢ = (1/classes)·Σ_{c≠y} max(0, 1 − z_y + z_c)
///
/// The course's loss, Textbook's `multiclassHinge`, is the sum without `1/classes`. With `⟦·⟧` 1
/// where true and 0 elsewhere, the backward pass is
///
///     ∂z_c = ⟦1 − z_y + z_c > 0⟧ / (N·classes)  for c ≠ y        ∂z_y = −Σ_{c≠y} ∂z_c
///
/// An example with two labels has the loss `λ·L(y) + (1 − λ)·L(y′)`. Labels cannot be smoothed.
public enum MulticlassHinge {
  /// Computes each example's loss, and `∂z` unless `dz` is nil.
  ///
  /// - `batchSize`: N of the whole mini-batch, which may have more examples than this call.
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
