import Layers
import Tensors
import Textbook

/// The losses on a network's outputs: the Textbook's gradients against central differences in double, and
/// the fast losses against the Textbook's.
struct LossCheck {
  /// A loss of one example by the Textbook. The scores are `s`, `[classes]`, and the class is `y`.
  private struct Formula {
    let name: String
    let loss: Loss
    var smoothing = 0.0
    let value: (_ s: Vector<Double>, _ y: Int) -> Double
    let gradient: (_ s: Vector<Double>, _ y: Int) -> Vector<Double>
    /// The smooth piece of the loss that the scores lie on.
    var piece: (_ s: Vector<Double>, _ y: Int) -> [Bool] = { _, _ in [] }
  }

  /// Differences compute the loss twice for each output. More classes would take minutes.
  static let mostClasses = 1024

  /// `[n, classes]`
  let scores: [Vector<Double>]
  let labels: [Int]
  let context: Context

  private var classes: Int { scores[0].count }

  private var formulas: [Formula] {
    let classes = classes
    let smoothing = 0.125
    func target(_ y: Int) -> Vector<Double> { onehot(classes, y) }
    func smoothed(_ y: Int) -> Vector<Double> { smoothedLabel(classes, y, smoothing: smoothing) }
    // The course's hinge is the sum over the classes, PyTorch's and the fast one the mean.
    let perClass = 1 / Double(classes)
    return [
      Formula(
        name: "L2 cross-entropy", loss: .crossEntropy, value: { softmaxCrossEntropy($0, $1) },
        gradient: { softmaxCrossEntropyGradient($0, $1) }),
      Formula(
        name: "L2 cross-entropy, smoothed", loss: .crossEntropy, smoothing: smoothing,
        value: { softmaxCrossEntropy($0, target: smoothed($1)) },
        gradient: { softmaxCrossEntropyGradient($0, target: smoothed($1)) }),
      Formula(
        name: "hinge", loss: .hinge, value: { perClass * multiclassHinge($0, $1) },
        gradient: { perClass * multiclassHingeGradient($0, $1) },
        piece: { s, y in s.elements.map { $0 - s[y] + 1 > 0 } }),
      Formula(
        name: "mse", loss: .meanSquaredError, value: { meanSquaredError($0, target($1)) },
        gradient: { meanSquaredErrorGradient($0, target($1)) }),
      Formula(
        name: "bce", loss: .binaryCrossEntropy, value: { binaryCrossEntropy($0, target($1)) },
        gradient: { binaryCrossEntropyGradient($0, target($1)) }),
    ]
  }

  /// The Textbook's gradients against differences, and the fast losses and gradients against the Textbook's.
  func rows(bound: Double) -> [TensorCheck] {
    formulas.flatMap { formula -> [TensorCheck] in
      let fast = fast(formula)
      let values = zip(scores, labels).map { formula.value($0, $1) }
      let gradients = zip(scores, labels).flatMap { formula.gradient($0, $1).elements }
      let mean = gradients.map { $0 / Double(scores.count) }
      return [
        differences(formula, gradients, bound: bound),
        row("\(formula.name): fast loss", [scores.count], fast.losses, values, forwardBound),
        row(
          "\(formula.name): fast gradient", [scores.count, classes], fast.gradient, mean,
          forwardBound),
      ]
    }
  }

  private var forwardBound: Double { GradientCheck.forwardBound }

  /// `finiteDifference` of the loss, row L23. Elements at a kink are skipped.
  private func differences(
    _ formula: Formula, _ gradients: [Double], bound: Double
  ) -> TensorCheck {
    let step = 0x1p-17
    var elements: [(index: Int, found: Double, expected: Double)] = []
    var skipped = 0
    for (n, (s, y)) in zip(scores, labels).enumerated() {
      let differences = finiteDifference(at: s, step: step) { formula.value($0, y) }
      for c in 0..<classes {
        var (above, below) = (s, s)
        above[c] += step
        below[c] -= step
        if formula.piece(above, y) == formula.piece(below, y) {
          let index = n * classes + c
          elements.append((index, gradients[index], differences[c]))
        } else {
          skipped += 1
        }
      }
    }
    return TensorCheck(
      layer: "loss", input: [scores.count, classes], tensor: "\(formula.name): gradient",
      shape: [scores.count, classes], elements: elements, skipped: skipped, floor: 1e-3,
      bound: bound)
  }

  private func row(
    _ tensor: String, _ shape: [Int], _ found: [Double], _ expected: [Double], _ bound: Double
  ) -> TensorCheck {
    TensorCheck(
      layer: "loss", input: [scores.count, classes], tensor: tensor, shape: shape,
      elements: expected.indices.map { ($0, found[$0], expected[$0]) }, floor: 1e-6, bound: bound)
  }

  /// Each example's loss, and the gradient of their mean, in single precision.
  private func fast(_ formula: Formula) -> (losses: [Double], gradient: [Double]) {
    let arena = Arena()
    let shape: Shape = [scores.count, classes]
    let outputs = arena.tensor(shape)
    let gradient = arena.tensor(shape)
    let losses = arena.values(of: Double.self, scores.count)
    _ = outputs.elements.update(fromContentsOf: scores.flatMap(\.elements).map(Float.init))
    labels.map(Int32.init).withUnsafeBufferPointer {
      formula.loss.evaluate(
        outputs, .classes(ClassTargets(borrowing: $0, smoothing: formula.smoothing)),
        batchSize: scores.count, losses: losses, gradient: gradient, in: context)
    }
    return (
      (0..<scores.count).map { losses[$0] }, Array(gradient.elements).map(Double.init)
    )
  }
}
