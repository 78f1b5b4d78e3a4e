import Tensors

/// Skips the residual branch of random examples in training and does nothing in evaluation, so that
/// networks of many depths are trained at once (Huang et al. 2016, "Deep networks with stochastic
/// depth"). torchvision's `StochasticDepth(p, mode="row")`.
///
/// As the last layer of a residual block it gives `x + m/(1 − p)·f(x)`. With one number `m` for each
/// example, which is 0 with the given probability `p` and 1 otherwise,
///
///     y = x·m/(1 − p)        ∂x = ∂y·m/(1 − p)
///
/// The scale keeps the expected value, so evaluation needs none; Huang et al. scale by `1 − p` in
/// evaluation instead. The number is a pure function of (seed, layer, step, example of the
/// mini-batch): the first word of the example's stream of `Random` in the step, in the part that has
/// the layer's number. The example is skipped if the word is below `p·2³²`. It does not depend on
/// threads, chunks, `--accumulate` or resumption.
public final class StochasticDepth: DroppingLayer {
  public let name: String
  public let number: Int
  /// The probability that an example is skipped.
  public let probability: Double

  /// - Precondition: a probability from 0 to ``Dropout/greatestProbability``.
  public init(_ name: String, number: Int, probability: Double) {
    self.name = name
    self.number = number
    self.probability = probability
    checkProbability()
  }

  /// The factor of each example.
  public func savedStateBytes(for input: Shape) -> Int { MemoryLayout<Float>.stride }

  /// The factor `m/(1 − p)` of an example of the mini-batch.
  private func factor(ofExample example: Int, _ randomKey: RandomKey) -> Float {
    var random = Random(
      seed: randomKey.seed, domain: .stochasticDepth, index: example, epoch: randomKey.step,
      part: UInt16(truncatingIfNeeded: number))
    return random.nextBits() < threshold ? 0 : scale
  }

  /// - Precondition: it is a training pass with a ``RandomKey``.
  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    let (saved, randomKey) = training(saved, in: lane)
    let factors = factors(in: saved)
    let count = x.shape.countPerExample
    for n in 0..<x.shape[0] {
      factors[n] = factor(ofExample: randomKey.firstExample + n, randomKey)
      lane.kernels.scale(factors[n], x.base + n * count, y.base + n * count, count)
    }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    guard let dx else { return }
    let factors = factors(in: pass.savedState(of: self))
    let count = dy.shape.countPerExample
    for n in 0..<dy.shape[0] {
      lane.kernels.scale(factors[n], dy.base + n * count, dx.base + n * count, count)
    }
  }

  private func factors(
    in saved: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(saved).assumingMemoryBound(to: Float.self)
  }
}

// MARK: Notation

extension StochasticDepth {
  package struct Specification: LayerSpecification {
    let probability: Double

    package static let words = [
      LayerWord(
        "droppath", arguments: ["probability"],
        meaning:
          "stochastic depth, at the end of `res(…)`: in training all values of an example become 0"
          + " with this probability, and the others are divided by one minus it; nothing in evaluation"
      )
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      probability = try arguments.probability()
    }

    package var canonical: String { CanonicalText("droppath", probability).text }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      let number = builder.number("droppath")
      return StochasticDepth("droppath\(number)", number: number, probability: probability)
    }
  }
}
