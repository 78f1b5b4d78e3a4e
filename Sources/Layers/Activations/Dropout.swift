import CKernels
import Tensors

/// Sets random elements to 0 in training and does nothing in evaluation, so that no feature can
/// rely on a single other one (Srivastava et al. 2014, "Dropout: a simple way to prevent neural
/// networks from overfitting"). PyTorch's `nn.Dropout(p)`.
///
/// With a mask `m` that is 0 with the given probability `p` and 1 otherwise, independently for each
/// element,
///
///     y = x ⊙ m/(1 − p)        ∂x = ∂y ⊙ m/(1 − p)
///
/// The scale keeps the expected value. The mask is a pure function of (seed, layer, step, example
/// of the mini-batch, element). In each step each layer has one stream of `Random`, whose `index`
/// is the layer's number and whose `epoch` is the step. The examples of the mini-batch get its
/// words in order, each example a whole number of counters. An element is dropped if its word is
/// below `p·2³²`. The mask therefore does not depend on threads, chunks, `--accumulate` or
/// resumption. The backward pass reads the saved mask. A NaN passes through, dropped or not.
public final class Dropout: DroppingLayer {
  public let name: String
  public let number: Int
  /// The probability that an element is dropped, PyTorch's `p`.
  public let probability: Double

  /// The maximum probability. Beyond it hardly any element would be left.
  public static let greatestProbability = 0.999

  /// - Precondition: a probability from 0 to ``greatestProbability``.
  public init(_ name: String, number: Int, probability: Double) {
    self.name = name
    self.number = number
    self.probability = probability
    checkProbability()
  }

  /// One byte for each element: 0 if it was dropped.
  public func savedStateBytes(for input: Shape) -> Int { input.countPerExample }

  /// - Precondition: it is a training pass with a ``RandomKey``.
  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    let (saved, randomKey) = training(saved, in: lane)
    let random = Random(
      seed: randomKey.seed, domain: .dropout, index: number, epoch: randomKey.step)
    var settings = dropout(
      stream: random.stream, threshold: threshold, scale: scale)
    let count = x.shape.countPerExample
    // A counter yields four words.
    let blocks = (count + 3) / 4
    for n in 0..<x.shape[0] {
      lane.kernels.dropout(
        &settings, UInt32(truncatingIfNeeded: (randomKey.firstExample + n) * blocks),
        x.base + n * count, y.base + n * count, saved + n * count, count)
    }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    lane.kernels.dropout_backward(
      scale, pass.savedState(of: self), dy.base, dx.base, dy.count)
  }
}

// MARK: Notation

extension Dropout {
  package struct Specification: LayerSpecification {
    let probability: Double

    package static let words = [
      LayerWord(
        "dropout", arguments: ["probability"],
        meaning:
          "in training each element becomes 0 with this probability, and the others are divided"
          + " by one minus it; nothing in evaluation")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      probability = try arguments.probability()
    }

    package var canonical: String { CanonicalText("dropout", probability).text }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      let number = builder.number("dropout")
      return Dropout("dropout\(number)", number: number, probability: probability)
    }
  }
}
