import Files

/// The classes of one image, the most probable first, as `predict` and `serve` write them.
public struct Prediction: Sendable {
  /// The image's path or name, or `-`.
  public let image: String
  public let classes: [Model.RankedClass]
  /// True if the greatest probability is below the threshold.
  public let isUnsure: Bool
  /// True if the image was prepared as a digit.
  public let isPrepared: Bool

  /// - Precondition: there is a class.
  public init(
    _ image: String, _ classes: [Model.RankedClass], threshold: Float, isPrepared: Bool
  ) {
    self.image = image
    self.classes = classes
    self.isPrepared = isPrepared
    isUnsure = classes[0].probability < threshold
  }

  public var json: CanonicalJSON {
    [
      "image": .string(image), "class": .string(classes[0].name),
      "probability": .float(classes[0].probability), "unsure": .boolean(isUnsure),
      "prepared": .boolean(isPrepared),
      "top": .array(
        classes.map {
          ["class": .string($0.name), "probability": .float($0.probability)]
        }),
    ]
  }

  /// What stands for an image that cannot be read.
  public static func json(_ image: String, error: String) -> CanonicalJSON {
    ["image": .string(image), "error": .string(error)]
  }
}
