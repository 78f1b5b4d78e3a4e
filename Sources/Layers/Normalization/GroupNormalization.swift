import CKernels
import Tensors

/// Group normalization: the channels of each example are dealt to groups of neighbors, each group is
/// brought to mean 0 and variance 1 over its channels and pixels, then each channel is scaled and
/// shifted (Wu and He 2018, "Group normalization", equations 1 to 6). PyTorch's `nn.GroupNorm`.
///
///     x, y  [n, …, channels]        γ, β  [channels]
///
/// With m values in a group G of an example,
///
///     µ = (1/m)·Σ x        σ² = (1/m)·Σ (x − µ)²        x̂ = (x − µ)/√(σ² + ε)        y = γ·x̂ + β
///
/// and with `∂t` for `∂L/∂t` and sums over the group in the first line, over all examples and pixels of
/// the channel in the second,
///
///     ∂x = (γ·∂y − (1/m)·Σ γ·∂y − x̂·(1/m)·Σ γ·∂y·x̂)/√(σ² + ε)
///     ∂γ += Σ ∂y·x̂        ∂β += Σ ∂y
///
/// Statistics are summed in double over the pixels in their order, then over the channels of the group.
/// Examples do not depend on each other, and evaluation equals training.
public final class GroupNormalization: ExampleLayer {
  public let name: String
  public let groups: Int
  public let channels: Int
  public let epsilon: Double
  /// γ
  public let weight: Parameter
  /// β
  public let bias: Parameter

  /// - Precondition: a number of groups that divides the channels.
  public init(_ name: String, groups: Int, channels: Int, epsilon: Double = 1e-5) {
    precondition(
      groups > 0 && channels > 0 && channels % groups == 0 && epsilon >= 0,
      "\(name): \(channels) channels in \(groups) groups")
    self.name = name
    self.groups = groups
    self.channels = channels
    self.epsilon = epsilon
    weight = Parameter(
      "\(name).weight", .vector(count: channels), fanIn: 1, start: 1)
    bias = Parameter("\(name).bias", .vector(count: channels), fanIn: 1)
  }

  public var parameters: [Parameter] { [weight, bias] }
  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  /// - Throws: ``ShapeError`` unless the input's last extent is ``channels``.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank >= 2, input[input.rank - 1] == channels else {
      throw ShapeError(layer: name, expected: "[n, …, \(channels)]", found: input)
    }
    return input
  }

  /// Mean and inverse standard deviation of each group.
  public func savedStateBytes(for input: Shape) -> Int { groups * MemoryLayout<Saved>.stride }

  public func scratchCount(for input: Shape) -> Int { Scratch.count(channels: channels) }

  // MARK: Forward

  public func forward(
    _ x: Tensor, into y: Tensor, saved: UnsafeMutablePointer<UInt8>?, in lane: Lane
  ) {
    let scratch = Scratch(in: lane, channels: channels)
    let count = x.shape.countPerExample
    for n in 0..<x.shape[0] {
      let example = x.base + n * count
      scratch.sums.update(repeating: 0, count: 2 * channels)
      lane.kernels.channel_sums(example, count / channels, channels, scratch.sums)
      for group in 0..<groups {
        let (mean, inverse) = statistics(of: group, scratch.sums, count: count / groups)
        if let saved {
          Saved(mean: Float(mean), inverse: Float(inverse)).store(at: n * groups + group, in: saved)
        }
        for c in channels(of: group) {
          let scale = Double(weight.values[c]) * inverse
          scratch.scale[c] = Float(scale)
          scratch.shift[c] = Float(Double(bias.values[c]) - mean * scale)
        }
      }
      lane.kernels.channel_map(
        example, scratch.scale, scratch.shift, 0, count / channels, channels, y.base + n * count)
    }
  }

  private func channels(of group: Int) -> Range<Int> {
    let count = channels / groups
    return group * count..<(group + 1) * count
  }

  /// The mean and `1/√(σ² + ε)` of `count` values, given the sums of the channels and of their squares.
  private func statistics(
    of group: Int, _ sums: UnsafePointer<Double>, count: Int
  ) -> (mean: Double, inverse: Double) {
    var total = 0.0
    var squares = 0.0
    for c in channels(of: group) {
      total += sums[c]
      squares += sums[channels + c]
    }
    let mean = total / Double(count)
    // Rounding may leave the variance of equal values below 0.
    let variance = max(0, squares / Double(count) - mean * mean)
    return (mean, 1 / (variance + epsilon).squareRoot())
  }

  // MARK: Backward

  public func backward(_ dy: Tensor, into dx: Tensor?, of pass: Pass, in lane: Lane) {
    let input = pass.input(of: self)
    let saved = pass.savedState(of: self)
    let scratch = Scratch(in: lane, channels: channels)
    let count = dy.shape.countPerExample
    let dWeight = weight.isTrained ? weight.gradient(ofLane: lane.index) : nil
    let dBias = bias.isTrained ? bias.gradient(ofLane: lane.index) : nil
    for n in 0..<dy.shape[0] {
      let x = input.base + n * count
      let gradient = dy.base + n * count
      for group in 0..<groups {
        let mean = Saved(at: n * groups + group, in: saved).mean
        for c in channels(of: group) { scratch.mean[c] = mean }
      }
      scratch.sums.update(repeating: 0, count: 2 * channels)
      var map = scratch.gradientMap
      lane.kernels.channel_gradient_sums(
        &map, gradient, x, count / channels, channels, scratch.sums)
      for group in 0..<groups {
        let inverse = Double(Saved(at: n * groups + group, in: saved).inverse)
        setCoefficients(of: group, inverse, scratch, count: Double(count / groups))
        for c in channels(of: group) {
          dBias?[c] += Float(scratch.sums[c])
          dWeight?[c] += Float(scratch.sums[channels + c] * inverse)
        }
      }
      if let dx {
        lane.kernels.batch_norm_backward(
          &map, gradient, x, count / channels, channels, dx.base + n * count)
      }
    }
  }

  /// `∂x = γ·inverse·∂y − (x − µ)·inverse³·(1/m)·Σ γ·∂y·(x − µ) − inverse·(1/m)·Σ γ·∂y`.
  private func setCoefficients(
    of group: Int, _ inverse: Double, _ scratch: Scratch, count: Double
  ) {
    var total = 0.0
    var products = 0.0
    for c in channels(of: group) {
      let gamma = Double(weight.values[c])
      total += gamma * scratch.sums[c]
      products += gamma * scratch.sums[channels + c]
    }
    for c in channels(of: group) {
      scratch.byOutput[c] = Float(Double(weight.values[c]) * inverse)
      scratch.byInput[c] = Float(-inverse * inverse * inverse * products / count)
      scratch.constant[c] = Float(-inverse * total / count)
    }
  }

  /// What the forward pass saves of a group, at any address.
  private struct Saved {
    let mean: Float
    let inverse: Float

    init(mean: Float, inverse: Float) {
      self.mean = mean
      self.inverse = inverse
    }

    init(at index: Int, in memory: UnsafePointer<UInt8>) {
      self = UnsafeRawPointer(memory).loadUnaligned(
        fromByteOffset: index * MemoryLayout<Saved>.stride, as: Saved.self)
    }

    func store(at index: Int, in memory: UnsafeMutablePointer<UInt8>) {
      UnsafeMutableRawPointer(memory).storeBytes(
        of: self, toByteOffset: index * MemoryLayout<Saved>.stride, as: Saved.self)
    }
  }

  /// A lane's memory for one example at a time.
  private struct Scratch {
    /// Two sums of each channel.
    let sums: UnsafeMutablePointer<Double>
    /// Vectors over the channels; a forward pass needs the first two alone, a backward pass the others.
    let scale, shift: UnsafeMutablePointer<Float>
    let mean, byOutput, byInput, constant: UnsafeMutablePointer<Float>

    init(in lane: Lane, channels: Int) {
      sums = UnsafeMutableRawPointer(lane.scratch).assumingMemoryBound(to: Double.self)
      let vectors = lane.scratch + 4 * channels
      scale = vectors
      shift = vectors + channels
      mean = vectors
      byOutput = vectors + channels
      byInput = vectors + 2 * channels
      constant = vectors + 3 * channels
    }

    static func count(channels: Int) -> Int { 8 * channels }

    /// The backward pass as batch normalization's kernels take it.
    var gradientMap: batch_norm_gradient {
      batch_norm_gradient(
        mean: mean, by_output: byOutput, by_input: byInput, constant: constant, scale: mean,
        shift: mean, rectifies: 0)
    }
  }
}

// MARK: Notation

extension GroupNormalization {
  package struct Specification: LayerSpecification {
    let groups: Int
    let epsilon: Double

    private static let usualEpsilon = 1e-5

    package static let words = [
      LayerWord(
        "gn", aliases: ["groupnorm"], arguments: ["groups"],
        options: [.init("epsilon", unlessGiven: usualEpsilon.notation)],
        meaning:
          "group normalization: the channels of each example in groups of neighbors, each group"
          + " to mean 0 and variance 1, then each channel scaled and shifted")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      groups = try arguments.number("groups", "the number of groups")
      epsilon = try arguments.real(
        option: "epsilon", 1e-30...1, "1e-30 to 1", unlessGiven: Self.usualEpsilon)
    }

    package var canonical: String {
      CanonicalText("gn", groups).option("epsilon", epsilon, unless: Self.usualEpsilon).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      try builder.requireChannels(of: "gn")
      guard builder.channels % groups == 0 else {
        throw builder.error(
          "its input has \(builder.channels) channels",
          expected: "a number of groups that divides them")
      }
      return GroupNormalization(
        builder.name("gn"), groups: groups, channels: builder.channels, epsilon: epsilon)
    }
  }
}
