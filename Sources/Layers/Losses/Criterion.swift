import Tensors

/// The function that training minimizes: a loss, with an optional weight for each class.
///
/// Only the cross-entropy supports weights `w`. The mean over a mini-batch then divides by the
/// total weight `W`, as PyTorch's `weight=` does. Without weights `W = N`.
public final class Criterion {
  public let loss: Loss
  /// `w`, `[classes]`; nil if all examples have equal weight.
  private let classWeights: UnsafeMutableBufferPointer<Float>?
  private let arena = Arena()

  /// - Precondition: `classWeights` is nil, or the loss is the cross-entropy.
  public init(_ loss: Loss, classWeights: [Float]? = nil) {
    precondition(
      classWeights == nil || loss == .crossEntropy, "\(loss.rawValue) weighs no classes")
    self.loss = loss
    let arena = arena
    self.classWeights = classWeights.map { weights in
      let memory = UnsafeMutableBufferPointer(
        start: arena.floats(weights.count), count: weights.count)
      _ = memory.update(fromContentsOf: weights)
      return memory
    }
  }

  /// `W` of a mini-batch: the number of its examples, or the sum of their labels' weights.
  ///
  /// Mixed labels are probabilities, and for those PyTorch divides by the number of examples.
  ///
  /// - `label`: the label of the mini-batch's example `i`, from 0 to `count − 1`.
  public func totalWeight(count: Int, areMixed: Bool, label: (_ i: Int) -> Int) -> Double {
    guard let classWeights, !areMixed else { return Double(count) }
    var sum = 0.0
    for i in 0..<count { sum += Double(classWeights[label(i)]) }
    return sum
  }

  /// Computes each example's loss, and the gradient of the mini-batch's mean with respect to the
  /// outputs.
  ///
  /// - `outputs`: `[n, …]`.
  /// - `totalWeight`: `W` of the whole mini-batch, which may have more examples than this call.
  /// - `losses`: receives the `Lᵢ`, `[n]`; their sum divided by `W` is the mean.
  /// - `gradient`: receives `∂L/∂outputs`, in the outputs' shape.
  public func evaluate(
    _ outputs: Tensor, _ targets: Targets, totalWeight: Double,
    losses: UnsafeMutablePointer<Double>, gradient: Tensor, in context: Context
  ) {
    if let classWeights, case .classes(let classes) = targets {
      SoftmaxCrossEntropy.evaluate(
        outputs, classes, weights: classWeights.baseAddress, totalWeight: totalWeight,
        losses: losses, dz: gradient, in: context)
    } else {
      loss.evaluate(
        outputs, targets, batchSize: Int(totalWeight), losses: losses, gradient: gradient,
        in: context)
    }
  }
}
