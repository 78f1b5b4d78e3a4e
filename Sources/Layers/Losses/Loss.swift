import CKernels
import Tensors

/// The distance between a network's outputs and their targets, which training minimizes.
///
///     outputs  [n, outputs], or any shape of n examples        L = (1/N) Σᵢ Lᵢ
///
/// | loss | an example's `Lᵢ` | PyTorch |
/// |---|---|---|
/// | ``SoftmaxCrossEntropy`` | `−Σ_c t_c·ln softmax(z)_c` | `cross_entropy` |
/// | ``MulticlassHinge`` | `(1/classes)·Σ_{c≠y} max(0, 1 − z_y + z_c)` | `multi_margin_loss` |
/// | ``MeanSquaredError`` | `(1/outputs)·Σ (q − y)²` | `mse_loss` |
/// | ``BinaryCrossEntropy`` | `−(1/outputs)·Σ (y·ln σ(s) + (1 − y)·ln(1 − σ(s)))` | `binary_cross_entropy_with_logits` |
///
/// The first two need classes as targets. The other two take values; for classes they take the rows
/// `t` of ``ClassTargets``, which are `onehot(y)` unless labels are smoothed or mixed.
///
/// The gradient is divided by N, the number of examples in the whole mini-batch, here and nowhere
/// else: all layers add `G·P` (lecture row L4).
public enum Loss: String, CaseIterable, Sendable {
  case crossEntropy = "cross-entropy"
  case hinge
  case meanSquaredError = "mse"
  case binaryCrossEntropy = "bce"

  /// True if the targets may be values, one for each output. Classes are always possible.
  public var takesValues: Bool { self == .meanSquaredError || self == .binaryCrossEntropy }

  /// True if labels may be smoothed. The hinge takes only plain and mixed labels.
  public var takesSmoothing: Bool { self != .hinge }

  /// Computes each example's loss, and the gradient of `L` with respect to the outputs unless
  /// `gradient` is nil.
  ///
  /// - `outputs`: `[n, …]`.
  /// - `batchSize`: N of the whole mini-batch, which may have more examples than this call.
  /// - `losses`: receives the `Lᵢ`, `[n]`.
  /// - `gradient`: receives `∂L/∂outputs`, in the outputs' shape.
  public func evaluate(
    _ outputs: Tensor, _ targets: Targets, batchSize: Int, losses: UnsafeMutablePointer<Double>,
    gradient: Tensor?, in context: Context
  ) {
    switch (self, targets) {
    case (.crossEntropy, .classes(let classes)):
      SoftmaxCrossEntropy.evaluate(
        outputs, classes, totalWeight: Double(batchSize), losses: losses, dz: gradient, in: context)
    case (.hinge, .classes(let classes)):
      MulticlassHinge.evaluate(
        outputs, classes, batchSize: batchSize, losses: losses, dz: gradient, in: context)
    case (.meanSquaredError, _):
      MeanSquaredError.evaluate(
        outputs, targets, batchSize: batchSize, losses: losses, dq: gradient, in: context)
    case (.binaryCrossEntropy, _):
      BinaryCrossEntropy.evaluate(
        outputs, targets, batchSize: batchSize, losses: losses, ds: gradient, in: context)
    case (.crossEntropy, .values), (.hinge, .values):
      preconditionFailure("\(rawValue) needs classes for targets")
    }
  }

  /// Calls `body` with each lane's examples, with the lanes in parallel.
  static func forEachLane(
    of count: Int, in context: Context, do body: (_ examples: Range<Int>, _ worker: Int) -> Void
  ) {
    let lanes = LaneShare.whole.occupiedLanes(among: count)
    context.pool.run(lanes.count) { index, worker in
      body(Context.examples(ofLane: lanes[index], among: count), worker)
    }
  }

  /// Calls `body` with consecutive examples and their rows of targets: for values, all examples of
  /// a lane in one call; for classes, one example per call.
  static func forEachTarget(
    of outputs: Tensor, _ targets: Targets, in context: Context,
    do body: (_ examples: Range<Int>, _ rows: UnsafePointer<Float>) -> Void
  ) {
    let width = outputs.shape.countPerExample
    switch targets {
    case .values(let values):
      precondition(
        values.shape[0] >= outputs.shape[0] && values.shape.countPerExample == width,
        "targets \(values.shape) for outputs \(outputs.shape)")
      forEachLane(of: outputs.shape[0], in: context) { examples, _ in
        body(examples, values.base + examples.lowerBound * width)
      }
    case .classes(let classes):
      context.reserveScratch(width)
      forEachLane(of: outputs.shape[0], in: context) { examples, worker in
        let row = context.scratch(of: worker)
        for example in examples {
          var target = classes.kernelTargets(of: example..<example + 1)
          context.kernels.target_rows(&target, 1, width, row)
          body(example..<example + 1, row)
        }
      }
    }
  }
}
