import Layers
import Tensors
import Textbook

/// Checks of gradients: the Textbook's formulas against central differences in double, and the fast
/// layers against the Textbook.
public struct GradientCheck {
  /// The maximum error of a formula of one layer, relative to the tensor's maximum.
  public static let layerBound = 1e-7
  /// The same for a whole network.
  public static let networkBound = 1e-6
  /// The maximum error of a fast layer's output, and of its gradients, in single precision.
  public static let forwardBound = 1e-5
  public static let gradientBound = 1e-4
  /// The greatest error of a lecture row's formula against the Textbook's layer, both in double.
  public static let rowBound = 1e-11

  /// The maximum number of elements to check per tensor. Larger tensors are sampled.
  public var samples: Int
  public var seed: UInt64
  /// Replaces ``layerBound`` and ``networkBound``.
  public var bound: Double?
  public var context: Context
  /// Called with the name of the next layer and tensor.
  public var progress: (String) -> Void = { _ in }

  public init(samples: Int, seed: UInt64 = 1, bound: Double? = nil, context: Context) {
    precondition(samples > 0, "GradientCheck: \(samples) samples")
    self.samples = samples
    self.seed = seed
    self.bound = bound
    self.context = context
  }

  /// The results of all comparisons.
  public struct Outcome: Sendable {
    /// Formulas against central differences.
    public var differences: [TensorCheck] = []
    /// The formulas of lecture rows against those of the layers.
    public var rows: [TensorCheck] = []
    /// Fast layers against formulas.
    public var fast: [TensorCheck] = []
    /// Losses against central differences and formulas.
    public var loss: [TensorCheck] = []

    public init() {}

    public var all: [TensorCheck] { differences + rows + fast + loss }
    public var passes: Bool { all.allSatisfy(\.passes) && !differences.isEmpty }
  }

  /// Checks a network with newly drawn values on `examples` examples.
  ///
  /// If `isClassifier` is true, the objective is the mean softmax cross-entropy with a class for
  /// each output. Otherwise it is a random projection of the outputs.
  ///
  /// - Parameter name: the name of the network in the rows, for one layer or a block that is
  ///   checked as one.
  /// - Throws: ``GradientCheckError`` if the Textbook lacks one of its layers.
  public func check(
    _ network: Sequential, examples: Int, isClassifier: Bool, calling name: String? = nil
  ) throws(GradientCheckError) -> Outcome {
    precondition(examples > 0, "GradientCheck: \(examples) examples")
    network.drawForCheck(seed: seed)
    let lecture = try LectureNetwork(network)
    // The parameters use the streams before this one.
    var draw = Draw(seed: seed, index: 1 << 20)
    let x = volumes(
      draw.spaced(examples * network.inputShape.count),
      like: (0..<examples).map { _ in Self.zeros(network.inputShape) })
    let objective: Objective
    if isClassifier {
      let classes = network.outputShape.countPerExample
      objective = .classification(labels: (0..<examples).map { $0 % classes })
    } else {
      objective = .projection(
        lecture.forward(from: 0, x).output.map {
          Volume(shape: $0.shape, elements: draw.uniform($0.elements.count).map(Double.init))
        })
    }
    let isOne = name != nil || network.layers.count == 1
    let check = DifferenceCheck(
      lecture: lecture, objective: objective, samples: samples,
      bound: bound ?? (isOne ? Self.layerBound : Self.networkBound), name: name,
      progress: progress, draw: draw)
    var outcome = Outcome()
    outcome.differences = check.rows(at: x)
    let base = lecture.pass(x, objective)
    outcome.rows = lecture.compareRowFormulas(base)
    if let name {
      outcome.rows = outcome.rows.map { $0.named(name) }
      let whole = 0...network.layers.count - 1
      if !network.layers.allSatisfy({ $0 is any ViewLayer }) {
        outcome.fast = lecture.compareFast(
          whole, on: rounded(x), rounded(base.gradients[network.layers.count]), calling: name,
          context)
      }
    } else {
      outcome.fast = lecture.compareFastLayers(x, objective, context)
      if network.layers.count > 1 {
        outcome.fast.append(lecture.compareFastNetwork(x, context))
        outcome.rows += lecture.compareBackpropagation(x, objective)
      }
    }
    if case .classification(let labels) = objective,
      network.outputShape.countPerExample <= LossCheck.mostClasses
    {
      let scores = base.activations[network.layers.count].map { Vector($0.elements) }
      outcome.loss = LossCheck(scores: scores, labels: labels, context: context)
        .rows(bound: bound ?? Self.layerBound)
    }
    return outcome
  }

  /// Checks each word of the notation, with its layer alone, on `shapes` random shapes each.
  ///
  /// - Throws: ``GradientCheckError`` if the Textbook lacks one of the layers.
  public func checkLayers(shapes: Int) throws(GradientCheckError) -> Outcome {
    var outcome = Outcome()
    for word in CheckedWord.all {
      for number in 0..<shapes {
        let (specimen, network) = word.specimen(number, seed: seed)
        let single = try check(
          network, examples: specimen.input[0], isClassifier: false, calling: specimen.notation)
        outcome.differences += single.differences
        outcome.rows += single.rows
        outcome.fast += single.fast
      }
    }
    outcome.loss = checkLosses()
    return outcome
  }

  /// Checks the losses on drawn scores of 5 classes.
  private func checkLosses() -> [TensorCheck] {
    var draw = Draw(seed: seed, index: 4 << 20)
    let scores = (0..<3).map { _ in Vector(draw.uniform(5, bound: 2).map(Double.init)) }
    return LossCheck(scores: scores, labels: [0, 3, 4], context: context)
      .rows(bound: bound ?? Self.layerBound)
  }

  /// An example of zeros: `[1, h, w, c]` as channels, rows and columns; other ranks as a column.
  private static func zeros(_ shape: Shape) -> Volume<Double> {
    shape.rank == 4
      ? Volume(zeros: shape[3], shape[1], shape[2]) : Volume(zeros: shape.countPerExample, 1, 1)
  }
}
