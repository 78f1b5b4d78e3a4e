import Layers
import Tensors

/// What a network learns: to classify images, or to give them back.
///
/// It is chosen once, when a trainer or an evaluator is made, and decides on targets and figures.
public enum LearningTask: Equatable, Sendable {
  case classification
  /// The targets are the network's input; there are no predictions and no accuracy.
  case reconstruction

  /// The task of `network`, whose output is an image or a value for each class.
  public init(of network: Sequential) {
    self = network.isAutoencoder ? .reconstruction : .classification
  }

  /// Whether examples are right or wrong, so that there are accuracies.
  public var hasAccuracy: Bool { self == .classification }

  /// What the outputs for `images` should be.
  func targets(images: Tensor, classes: ClassTargets) -> Targets {
    switch self {
    case .classification: .classes(classes)
    case .reconstruction: .values(images)
    }
  }

  /// How many of `outputs` predict the label of their target; nil without accuracy.
  func correct(_ outputs: Tensor, _ targets: Targets) -> Int? {
    guard case .classes(let classes) = targets, hasAccuracy else { return nil }
    var correct = 0
    for row in 0..<outputs.shape[0]
    where outputs.argmax(ofRow: row) == classes.predominantLabel(row) { correct += 1 }
    return correct
  }

  /// `correct / examples`, if the task has accuracies.
  func accuracy(correct: Int, of examples: Int) -> Double? {
    guard hasAccuracy else { return nil }
    return examples == 0 ? 0 : Double(correct) / Double(examples)
  }
}

extension Tensor {
  /// The column of the greatest element of a row, the first of equal ones.
  func argmax(ofRow row: Int) -> Int {
    let columns = shape.countPerExample
    let start = base + row * columns
    var best = 0
    for column in 1..<max(columns, 1) where start[column] > start[best] { best = column }
    return best
  }
}
