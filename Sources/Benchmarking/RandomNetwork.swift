import Layers
import Networks
import Tensors

/// A small convolutional network, drawn at random, with images and a batch size.
///
/// The distribution is meant to hold what people train on CPUs, and nothing that suits this package. All
/// choices are uniform unless said otherwise.
///
/// - Images: a side of 8 to 128 pixels, gray or colored.
/// - One network in ten has only fully connected layers. The others have 1 to 5 blocks.
/// - A block is a convolution, normalization, activation, and often pooling. Channels are any number from
///   3 to 256, by octaves; kernels have 1 to 9 pixels, mostly 3 or 5; one block in five has stride 2,
///   one in ten is depthwise, one in six has groups where the channels can be divided, one in six is
///   followed by a residual block.
/// - Half the blocks have no normalization, the others mostly batch normalization, in one of four cases
///   behind the activation. Half the activations are ReLU, the others tanh, GELU, SiLU or sigmoid.
/// - Features are pooled globally or flattened, the latter often with a hidden layer.
/// - Batches have 1 to 512 examples, and fewer where a step would exceed ``greatestStep``.
public struct RandomNetwork: Sendable {
  public let notation: String
  /// The shape of one example.
  public let image: Shape
  public let batchSize: Int

  /// The multiply-adds of the largest step.
  static let greatestStep = 6_000_000_000
  /// The most floats of all activations of a batch.
  static let greatestActivations = 1 << 27

  public static let classes = 10

  /// Draws the network with the number `index` of a series.
  public init(seed: UInt64, index: Int) {
    for attempt in 0... {
      var draw = NetworkDraw(Random(seed: seed, domain: .benchmark, index: index, epoch: attempt))
      let (notation, image) = draw.network()
      guard
        let network = try? Architecture(notation).network(input: image, classes: Self.classes)
      else { continue }
      let activations = network.outputShapes.reduce(image.count) { $0 + $1.count }
      let most = min(
        Self.greatestStep / max(1, network.multiplyAdds(training: true)),
        Self.greatestActivations / activations)
      guard most >= 1 else { continue }
      var batchSize = 1 << draw.random.integer(below: 10)
      while batchSize > most { batchSize /= 2 }
      (self.notation, self.image, self.batchSize) = (notation, image, batchSize)
      return
    }
    preconditionFailure("an endless range ended")
  }
}

/// Draws the layers of one network.
private struct NetworkDraw {
  var random: Random
  private var layers: [String] = []
  /// The side of the image, and its channels.
  private var side = 0
  private var channels = 0

  init(_ random: Random) { self.random = random }

  mutating func network() -> (notation: String, image: Shape) {
    side = one(of: [8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128])
    channels = one(of: [1, 3])
    let image: Shape = [1, side, side, channels]
    if chance(10) {
      for _ in 0...random.integer(below: 3) { hiddenLayer() }
    } else {
      for _ in 0...random.integer(below: 5) { block() }
      switch random.integer(below: 6) {
      case 0: layers.append("globalmax")
      case 1, 2: layers.append("globalavg")
      default: if chance(2) { hiddenLayer() }
      }
    }
    layers.append("fc(classes)")
    return (layers.joined(separator: " "), image)
  }

  // MARK: Layers

  private mutating func block() {
    let kernel = one(of: [1, 1, 2, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7, 7, 8, 9])
    let stride = side >= 8 && chance(5) ? 2 : 1
    let isValid = kernel > 1 && side > 2 * kernel && chance(4)
    let isDepthwise = channels >= 3 && chance(10)
    let groups = isDepthwise ? 1 : groups()
    if !isDepthwise {
      let fewest = (3 + groups - 1) / groups * groups
      channels = max(fewest, width(octavesTo: 8, least: 3) / groups * groups)
    }
    let norm = normalization()
    let bias = norm.hasPrefix("bn") && !chance(4) ? ",bias=no" : ""
    let options =
      (stride == 2 ? ",stride=2" : "") + (isValid ? ",padding=valid" : "")
      + (groups > 1 ? ",groups=\(groups)" : "") + bias
    let convolution =
      isDepthwise ? "dwconv(\(kernel)\(options))" : "conv(\(channels),\(kernel)\(options))"
    let rest = chance(4) ? [activation(), norm] : [norm, activation()]
    layers += ([convolution] + rest).filter { !$0.isEmpty }
    side = ((isValid ? side - kernel + 1 : side) + stride - 1) / stride
    if chance(6) { residualBlock() }
    if side >= 4, chance(2) {
      layers.append((chance(3) ? "avgpool" : "pool") + (chance(3) ? "(3,2)" : "(2)"))
      side /= 2
    }
    if chance(8) { layers.append("dropout(0.2)") }
  }

  /// One of the numbers of groups that divide the channels, from 2 to one less than a group for each; often 1.
  private mutating func groups() -> Int {
    let numbers = (1..<channels).filter { $0 > 1 && channels % $0 == 0 }
    return chance(6) && !numbers.isEmpty ? one(of: numbers) : 1
  }

  private mutating func residualBlock() {
    let convolution = "conv(\(channels),3)"
    let inner = [convolution, normalization(), activation(), convolution, normalization()]
    layers.append("res(\(inner.filter { !$0.isEmpty }.joined(separator: " ")))")
    layers.append(activation())
  }

  private mutating func hiddenLayer() {
    layers += ["fc(\(width(octavesTo: 9, least: 16)))", activation()]
    if chance(3) { layers.append("dropout(0.5)") }
  }

  /// An empty text for none.
  private mutating func normalization() -> String {
    switch random.integer(below: 10) {
    case 0..<5: return ""
    case 5..<9: return "bn"
    default: return "gn(\([8, 4, 2, 1].first { channels % $0 == 0 } ?? 1))"
    }
  }

  private mutating func activation() -> String {
    one(of: ["relu", "relu", "relu", "relu", "tanh", "gelu", "silu", "sigmoid"])
  }

  // MARK: Numbers

  /// True once in `count` times.
  private mutating func chance(_ count: Int) -> Bool { random.integer(below: count) == 0 }

  private mutating func one<Value>(of values: [Value]) -> Value {
    values[random.integer(below: values.count)]
  }

  /// A number from `least` to 2 to the power of `last`: an octave, and a number within it.
  private mutating func width(octavesTo last: Int, least: Int) -> Int {
    let first = least.bitWidth - least.leadingZeroBitCount - 1
    let octave = first + random.integer(below: last - first)
    return max(least, (1 << octave) + 1 + random.integer(below: 1 << octave))
  }
}
