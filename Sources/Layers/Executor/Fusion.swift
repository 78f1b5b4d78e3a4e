/// The pairs of neighboring layers that the executor replaces by one layer.
///
/// A fused layer gives the same bits as its two layers in sequence, and saves writing and reading
/// one activation. Only the executor knows of it: names, parameters, checkpoints and shapes are
/// those of the network. `FusionTests` compares each pair with its fused layer.
enum Fusion {
  /// One row of the table.
  struct Rule {
    /// The two layers.
    let pattern: String
    /// The layer that replaces them.
    let fused: String
    /// The reason why no bit changes.
    let whyExact: String
    /// Returns the fused layer, or nil if the rule does not apply to these two.
    let fuse: (_ first: any Layer, _ second: any Layer) -> (any ExampleLayer)?
  }

  /// The table of all fusions.
  static var rules: [Rule] {
    [
      rule(
        becomes: "MaxPooling that rectifies",
        whyExact: """
          The maximum of max(0, x) is max(0, the maximum of x). Where it is 0, the saved byte says that \
          no element gets a gradient, so a window must have fewer than 256 elements.
          """
      ) { (_: ReLU, pooling: MaxPooling) in pooling.rectified },
      rule(
        becomes: "MaxPooling that rectifies",
        whyExact: """
          The same maximum is rectified, after the comparison instead of before. The gradient reaches its \
          place where the maximum is positive, either way.
          """
      ) { (pooling: MaxPooling, _: ReLU) in pooling.rectified },
      rule(
        becomes: "RectifiedBatchNormalization",
        whyExact: """
          The backward pass of batch normalization reads x anyway. It computes y from x with the same \
          operations as the forward pass, and ∂y counts as 0 where y is not positive.
          """
      ) { (normalization: BatchNormalization, _: ReLU) in
        RectifiedBatchNormalization(normalization)
      },
    ]
  }

  /// The layer that replaces two neighbors, or nil if no rule applies.
  static func fused(_ first: any Layer, _ second: any Layer) -> (any ExampleLayer)? {
    for rule in rules {
      if let layer = rule.fuse(first, second) { return layer }
    }
    return nil
  }

  private static func rule<First: Layer, Second: Layer>(
    becomes fused: String, whyExact: String,
    fuse: @escaping (First, Second) -> (any ExampleLayer)?
  ) -> Rule {
    Rule(pattern: "\(First.self), \(Second.self)", fused: fused, whyExact: whyExact) {
      guard let first = $0 as? First, let second = $1 as? Second else { return nil }
      return fuse(first, second)
    }
  }
}
