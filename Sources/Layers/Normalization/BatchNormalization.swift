import CKernels
import Tensors

/// Normalizes each channel to mean 0 and variance 1 over the batch, then scales and shifts it
/// (Ioffe and Szegedy 2015, algorithm 1). The conventions are those of PyTorch's `BatchNorm2d`.
///
///     x, y  [n, h, w, c] or [n, c]        γ, β  [c]        over the m = n·h·w values of a channel:
///
///     µ = (1/m) Σ x        σ² = (1/m) Σ (x − µ)²        x̂ = (x − µ) / √(σ² + ε)        y = γ·x̂ + β
///
/// With `∂t` for `∂L/∂t`, and µ and σ² functions of every x, the backward pass is
///
///     ∂β = Σ ∂y        ∂γ = Σ ∂y·x̂        ∂x = γ/√(σ² + ε) · (∂y − ∂β/m − x̂·∂γ/m)
///
/// All sums are in double, lane by lane. Training updates the running averages from each batch,
/// `r ← (1 − momentum)·r + momentum·batch`, with the unbiased variance m/(m − 1)·σ². Evaluation
/// uses the running averages in place of µ and σ². With `--accumulate`, each part of a mini-batch
/// is normalized by its own statistics.
public final class BatchNormalization: StatisticsLayer, PixelwiseLayer {
  public let name: String
  public let channels: Int
  public let epsilon: Double
  public let momentum: Double
  /// γ; frozen at 1 if the layer does not scale.
  public let weight: Parameter
  /// β
  public let bias: Parameter
  public let runningMean: Parameter
  public let runningVariance: Parameter

  private let arena = Arena()
  /// Each lane's sums. Forward: each channel's values, then their squares. Backward: each channel's
  /// `∂y`, then its products with `x − µ`.
  private let sums: UnsafeMutablePointer<Double>
  private let mean: UnsafeMutablePointer<Float>
  /// 1/√(σ² + ε)
  private let inverseDeviation: UnsafeMutablePointer<Double>
  /// `y = scale·x + shift`, with the statistics of the batch and with the running averages.
  private let ofBatch: ChannelMap
  private let ofAverages: ChannelMap
  private var isTraining = false
  private let coefficients: UnsafeMutablePointer<Float>

  private struct ChannelMap {
    let scale: UnsafeMutablePointer<Float>
    let shift: UnsafeMutablePointer<Float>
  }

  /// - `momentum`: the weight of a batch in the running averages, as PyTorch defines it.
  /// - `scales`: true if γ is trained.
  public init(
    _ name: String, channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1,
    scales: Bool = true
  ) {
    precondition(channels > 0 && epsilon >= 0 && momentum >= 0 && momentum <= 1, name)
    self.name = name
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
    func vector(_ part: String, _ role: Parameter.Role, _ start: Float) -> Parameter {
      Parameter(
        "\(name).\(part)", .vector(count: channels), fanIn: 1, role: role,
        start: start)
    }
    weight = vector("weight", scales ? .trained : .frozen, 1)
    bias = vector("bias", .trained, 0)
    runningMean = vector("running_mean", .running, 0)
    runningVariance = vector("running_var", .running, 1)
    sums = arena.values(of: Double.self, 2 * channels * Context.laneCount)
    mean = arena.floats(channels)
    inverseDeviation = arena.values(of: Double.self, channels)
    ofBatch = ChannelMap(scale: arena.floats(channels), shift: arena.floats(channels))
    ofAverages = ChannelMap(scale: arena.floats(channels), shift: arena.floats(channels))
    coefficients = arena.floats(3 * channels)
  }

  /// γ/√(variance + ε) with the running averages, from the last pass that used them.
  var averageScale: UnsafeMutablePointer<Float> { ofAverages.scale }

  public var parameters: [Parameter] { [weight, bias, runningMean, runningVariance] }
  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }
  public var isRecomputed: Bool { true }

  /// - Throws: ``ShapeError`` unless the input's last extent is ``channels``.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank >= 2, input[input.rank - 1] == channels else {
      throw ShapeError(layer: name, expected: "[n, …, \(channels)]", found: input)
    }
    return input
  }

  // MARK: Forward

  public func beginStatistics(in lane: Lane) { beginSums(lane) }

  public func accumulateStatistics(_ x: Tensor, in lane: Lane) {
    lane.kernels.channel_sums(x.base, x.count / channels, channels, sums(of: lane))
  }

  public func completeStatistics(_ count: Int, of input: Shape, in context: Context) {
    let total = addLanes(of: count)
    let m = Double(count * input.countPerExample / channels)
    for c in 0..<channels {
      let average = total[c] / m
      // Rounding can make the variance of equal values negative.
      let variance = max(0, total[channels + c] / m - average * average)
      mean[c] = Float(average)
      inverseDeviation[c] = 1 / (variance + epsilon).squareRoot()
      set(ofBatch, c, mean: average, inverseDeviation: inverseDeviation[c])
      // A single value has no unbiased variance; 0 replaces it.
      follow(runningMean, c, average)
      follow(runningVariance, c, variance * m / max(m - 1, 1))
    }
  }

  private func follow(_ average: Parameter, _ channel: Int, _ value: Double) {
    average.values[channel] = Float(
      (1 - momentum) * Double(average.values[channel]) + momentum * value)
  }

  private func set(_ map: ChannelMap, _ c: Int, mean: Double, inverseDeviation: Double) {
    let scale = Double(weight.values[c]) * inverseDeviation
    map.scale[c] = Float(scale)
    map.shift[c] = Float(Double(bias.values[c]) - mean * scale)
  }

  public func prepareForward(for input: Shape, training: Bool, in context: Context) {
    isTraining = training
    guard !training else { return }
    for c in 0..<channels {
      set(
        ofAverages, c, mean: Double(runningMean.values[c]),
        inverseDeviation: 1 / (Double(runningVariance.values[c]) + epsilon).squareRoot())
    }
  }

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) { forward(x, into: y, rectifies: false, in: lane) }

  func forward(_ x: Tensor, into y: Tensor, rectifies: Bool, in lane: Lane) {
    let map = isTraining ? ofBatch : ofAverages
    lane.kernels.channel_map(
      x.base, map.scale, map.shift, rectifies ? 1 : 0, x.count / channels, channels, y.base)
  }

  // MARK: Backward

  public func prepareBackward(for input: Shape, givesInputGradient: Bool, in context: Context) {
    // The backward pass may recompute the output, even if an evaluation with the running averages
    // came between.
    isTraining = true
  }

  public func beginGradientStatistics(in lane: Lane) { beginSums(lane) }

  public func accumulateGradientStatistics(_ dy: Tensor, of pass: Pass, in lane: Lane) {
    accumulateGradientStatistics(dy, of: pass, rectifies: false, in: lane)
  }

  func accumulateGradientStatistics(
    _ dy: Tensor, of pass: Pass, rectifies: Bool, in lane: Lane
  ) {
    var gradient = gradient(rectifies)
    lane.kernels.channel_gradient_sums(
      &gradient, dy.base, pass.input(of: self).base, dy.count / channels, channels,
      sums(of: lane))
  }

  public func completeGradientStatistics(
    _ count: Int, of input: Shape, addsGradients: Bool, in context: Context
  ) {
    let total = addLanes(of: count)
    let m = Double(count * input.countPerExample / channels)
    for c in 0..<channels {
      let inverse = inverseDeviation[c]
      let byBias = total[c]
      let byWeight = total[channels + c] * inverse
      if addsGradients {
        if bias.isTrained { bias.gradient[c] += Float(byBias) }
        if weight.isTrained { weight.gradient[c] += Float(byWeight) }
      }
      let scale = Double(weight.values[c]) * inverse
      coefficients[c] = Float(scale)
      coefficients[channels + c] = Float(-scale * inverse * byWeight / m)
      coefficients[2 * channels + c] = Float(-scale * byBias / m)
    }
  }

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    backward(dy, into: dx, of: pass, rectifies: false, in: lane)
  }

  func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, rectifies: Bool, in lane: Lane) {
    guard let dx else { return }
    var gradient = gradient(rectifies)
    lane.kernels.batch_norm_backward(
      &gradient, dy.base, pass.input(of: self).base, dy.count / channels, channels, dx.base)
  }

  private func gradient(_ rectifies: Bool) -> batch_norm_gradient {
    batch_norm_gradient(
      mean: mean, by_output: coefficients, by_input: coefficients + channels,
      constant: coefficients + 2 * channels, scale: ofBatch.scale, shift: ofBatch.shift,
      rectifies: rectifies ? 1 : 0)
  }

  // MARK: Sums

  public var laneSums: UnsafeMutableBufferPointer<Double> {
    UnsafeMutableBufferPointer(start: sums, count: 2 * channels * Context.laneCount)
  }

  private func sums(of lane: Lane) -> UnsafeMutablePointer<Double> {
    sums + lane.index * 2 * channels
  }

  private func beginSums(_ lane: Lane) {
    sums(of: lane).update(repeating: 0, count: 2 * channels)
  }

  /// Adds the sums of the lanes that have examples, in order, in place of the first lane's.
  private func addLanes(of examples: Int) -> UnsafePointer<Double> {
    let lanes = LaneShare.whole.occupiedLanes(among: examples)
    if lanes.first != 0 { sums.update(repeating: 0, count: 2 * channels) }
    for lane in lanes where lane > 0 {
      for i in 0..<2 * channels { sums[i] += sums[lane * 2 * channels + i] }
    }
    return UnsafePointer(sums)
  }
}

// MARK: Notation

extension BatchNormalization {
  package struct Specification: LayerSpecification {
    let epsilon: Double
    let momentum: Double
    let scales: Bool

    private static let usual = (epsilon: 1e-5, momentum: 0.1)

    package static let words = [
      LayerWord(
        "bn", aliases: ["batchnorm"],
        options: [
          .init("epsilon", unlessGiven: usual.epsilon.notation),
          .init("momentum", unlessGiven: usual.momentum.notation),
          .init("scale", "yes|no", unlessGiven: "yes"),
        ],
        meaning:
          "batch normalization: each channel to mean 0 and variance 1, then scaled and shifted")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      epsilon = try arguments.real(
        option: "epsilon", 1e-30...1, "1e-30 to 1", unlessGiven: Self.usual.epsilon)
      momentum = try arguments.real(
        option: "momentum", 0...1, "0 to 1", unlessGiven: Self.usual.momentum)
      scales = try arguments.flag("scale", unlessGiven: true)
    }

    package var canonical: String {
      CanonicalText("bn").option("epsilon", epsilon, unless: Self.usual.epsilon)
        .option("momentum", momentum, unless: Self.usual.momentum)
        .option("scale", scales, unless: true).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireChannels(of: "bn")
      return BatchNormalization(
        builder.name("bn"), channels: builder.channels, epsilon: epsilon, momentum: momentum,
        scales: scales)
    }
  }
}
