/// The tags of a run's values in TensorBoard, which groups them by the part before the slash.
enum EventTag {
  static let stepLoss = "loss/step"
  static let trainLoss = "loss/train"
  static let validationLoss = "loss/validation"
  static let stepAccuracy = "accuracy/step"
  static let trainAccuracy = "accuracy/train"
  static let validationAccuracy = "accuracy/validation"
  static let learningRate = "learning_rate"
  static let gradientNorm = "gradient_norm"
  static let imagesPerSecond = "images_per_second"
  static let reconstructions = "reconstructions"

  /// A result of the finished run.
  static func test(_ name: String) -> String { "\(testPrefix)\(name)" }
  static let testPrefix = "test/"

  static func gradientNorm(of parameter: String) -> String { "gradient_norm/\(parameter)" }
  static func updateRatio(of parameter: String) -> String { "update_ratio/\(parameter)" }
  static func deadRectifiers(of layer: String) -> String { "dead_relus/\(layer)" }
  static func filters(of layer: String) -> String { "filters/\(layer)" }
  static func weights(of parameter: String) -> String { "weights/\(parameter)" }
  static func gradients(of parameter: String) -> String { "gradients/\(parameter)" }
}
