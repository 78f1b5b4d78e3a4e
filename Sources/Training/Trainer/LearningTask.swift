import Layers
import Tensors

/// The task of a network: classification or reconstruction of images.
///
/// It is chosen when a trainer or an evaluator is created, and determines the targets and the
/// metrics.
public enum LearningTask: Equatable, Sendable {
  case classification
  /// The targets are the network's input; there are no predictions and no accuracy.
  case reconstruction

  /// The task of `network`, whose output is an image or a value for each class.
  public init(of network: Sequential) {
    self = network.isAutoencoder ? .reconstruction : .classification
  }

  /// True if examples are classified correctly or not, so that there is an accuracy.
  public var hasAccuracy: Bool { self == .classification }

  /// The targets of the outputs for `images`.
  func targets(images: Tensor, classes: ClassTargets) -> Targets {
    switch self {
    case .classification: .classes(classes)
    case .reconstruction: .values(images)
    }
  }

  /// The number of `outputs` that predict their label; nil without accuracy.
  func correct(_ outputs: Tensor, _ targets: Targets) -> Int? {
    guard case .classes(let classes) = targets, hasAccuracy else { return nil }
    var correct = 0
    for row in 0..<outputs.shape[0]
    where outputs.argmax(ofRow: row) == classes.predominantLabel(row) { correct += 1 }
    return correct
  }

  /// `correct / examples` if the task has an accuracy.
  func accuracy(correct: Int, of examples: Int) -> Double? {
    guard hasAccuracy else { return nil }
    return examples == 0 ? 0 : Double(correct) / Double(examples)
  }
}

extension Tensor {
  /// The column of the greatest element of a row; the first one of equal elements.
  func argmax(ofRow row: Int) -> Int {
    let columns = shape.countPerExample
    let start = base + row * columns
    var best = 0
    for column in 1..<max(columns, 1) where start[column] > start[best] { best = column }
    return best
  }
}
