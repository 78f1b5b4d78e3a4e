import Datasets

/// The nodes before and behind the layers.
extension GraphBuilder {
  /// Adds the normalization of pixels, with the roundings of ``Normalization``.
  ///
  /// - `isFloat`: false if the pixels are bytes.
  mutating func normalize(_ normalization: Normalization, isFloat: Bool) {
    layer = "normalization"
    let shape = [1, normalization.channels, 1, 1]
    if !isFloat {
      then("Cast", part: "float", [.init("to", .integer(ONNXElement.float.rawValue))])
    }
    then("Div", with: [constant("white", [255])], part: "scaled")
    then("Sub", with: [constant("mean", normalization.mean, shape: shape)], part: "centered")
    then("Div", with: [constant("std", normalization.std, shape: shape)])
  }

  /// Adds the probabilities of the classes as the output `name`.
  mutating func appendSoftmax(as name: String) {
    layer = name
    then("Softmax", [.init("axis", .integer(1))])
  }
}
