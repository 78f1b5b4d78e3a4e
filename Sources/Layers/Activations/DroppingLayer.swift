import Tensors

/// A layer that sets random values to 0 in training and does nothing in evaluation.
///
/// Values are dropped if a random word is below `p·2³²`. The others are multiplied by `1/(1 − p)`, which keeps
/// the expected value, so evaluation needs no scale.
public protocol DroppingLayer: ExampleLayer {
  /// The layer's number among the network's layers of its type. Each has random numbers of its own.
  var number: Int { get }
  /// The probability `p` that a value is dropped, at most ``Dropout/greatestProbability``.
  var probability: Double { get }
}

extension DroppingLayer {
  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
  public var isIdentityInEvaluation: Bool { true }

  public func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }

  /// `p·2³²`. Values with a random word below it are dropped.
  var threshold: UInt32 { UInt32(probability * 0x1p32) }

  /// `1/(1 − p)`, the factor of the values that stay.
  var scale: Float { Float(1 / (1 - probability)) }

  func checkProbability() {
    precondition(
      (0...Dropout.greatestProbability).contains(probability),
      "\(name): a probability of \(probability)")
  }

  /// The memory for what the backward pass needs, and the names of the random numbers.
  ///
  /// - Precondition: it is a training pass with a ``RandomKey``.
  func training(
    _ saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) -> (saved: UnsafeMutablePointer<UInt8>, randomKey: RandomKey) {
    guard let saved, let randomKey = lane.randomKey else {
      preconditionFailure("\(name): a forward pass of training without random numbers")
    }
    return (saved, randomKey)
  }
}

extension NotationArguments {
  /// Reads the probability of a ``DroppingLayer``.
  mutating func probability() throws(NotationError) -> Double {
    let greatest = Dropout.greatestProbability
    return try real("probability", "the probability", 0...greatest, "0 to \(greatest)")
  }
}
