import Tensors
import Testing
import Textbook

@testable import Layers

/// Whole networks against the Textbook's layers in Double: the loss, and the gradient of every
/// parameter.
@Suite struct WholeNetworkTests {
  /// What one pass over a mini-batch gives: the mean loss, and the gradients in stored order.
  struct Pass {
    var loss: Double
    var gradients: [[Double]]
  }

  private static let chance = Chance(seed: 21, step: 4)

  /// A layer without parameters, by its two formulas; each gets the forward pass's input.
  private final class Function: LectureLayer {
    private let formula: (Volume<Double>) -> Volume<Double>
    private let gradient: (_ dq: Volume<Double>, _ p: Volume<Double>) -> Volume<Double>
    private var p: Volume<Double>?

    init(
      _ formula: @escaping (Volume<Double>) -> Volume<Double>,
      backward gradient: @escaping (Volume<Double>, Volume<Double>) -> Volume<Double>
    ) { (self.formula, self.gradient) = (formula, gradient) }

    func forward(_ p: Volume<Double>) -> Volume<Double> {
      self.p = p
      return formula(p)
    }

    func backward(_ dq: Volume<Double>) -> Volume<Double> { gradient(dq, p!) }
  }

  /// The mask that dropout must draw for an example, in the order of the Textbook's volumes.
  private func mask(_ layer: Dropout, _ p: Volume<Double>, example: Int) -> Volume<Double> {
    let bits = DropoutTests.mask(
      example..<example + 1, of: p.elements.count, number: layer.number,
      probability: layer.probability, seed: Self.chance.seed, step: Self.chance.step)
    return volumes(bits.map { $0 ? 1 : 0 }, [1, p.rows, p.columns, p.channels])[0]
  }

  private func textbook(
    _ network: Sequential, example: Int
  ) throws -> [any LectureLayer<Double>] {
    try network.layers.map { layer in
      switch layer {
      case let layer as Convolution2D:
        try #require(layer.padding == .same && layer.stride == 1)
        return LectureConvolution(
          Kernel(
            shape: layer.weight.layout.storedShape,
            elements: layer.weight.storedValues().map(Double.init)),
          Vector(try #require(layer.bias).storedValues().map(Double.init)),
          padding: layer.kernel.height / 2)
      case let layer as MaxPooling:
        return LectureMaxPooling(
          PoolingWindow(
            Extent(layer.size.height, layer.size.width),
            stride: Extent(layer.stride.height, layer.stride.width), roundsUp: layer.ceilMode))
      case is ReLU: return LectureReLU()
      case is GELU: return LectureGELU()
      case is Sigmoid: return Function(sigmoid) { sigmoidBackward($0, q: sigmoid($1)) }
      case is Tanh:
        return Function(hyperbolicTangent) {
          hyperbolicTangentBackward($0, q: hyperbolicTangent($1))
        }
      case let layer as AveragePooling:
        let window = PoolingWindow(
          Extent(layer.size.height, layer.size.width),
          stride: Extent(layer.stride.height, layer.stride.width),
          padding: Extent(layer.padding.height, layer.padding.width), roundsUp: layer.ceilMode)
        return Function {
          averagePooling2D($0, window, countsPadding: layer.countsPadding)
        } backward: {
          averagePooling2DBackward($0, $1, window, countsPadding: layer.countsPadding)
        }
      case let layer as Upsampling:
        let factor = Extent(layer.factor.height, layer.factor.width)
        return layer.mode == .nearest
          ? Function {
            nearestUpsampling($0, factor: factor)
          } backward: { dq, _ in
            nearestUpsamplingBackward(dq, factor: factor)
          }
          : Function {
            bilinearUpsampling($0, factor: factor)
          } backward: { dq, _ in
            bilinearUpsamplingBackward(dq, factor: factor)
          }
      case let layer as Dropout:
        return Function { [self] p in
          dropout(p, mask: mask(layer, p, example: example), probability: layer.probability)
        } backward: { [self] dq, p in
          dropoutBackward(
            dq, mask: mask(layer, p, example: example), probability: layer.probability)
        }
      case let layer as GlobalPooling:
        return layer.mode == .maximum
          ? LectureGlobalMaxPooling() : LectureGlobalAveragePooling()
      case let layer as FullyConnected:
        return LectureFullyConnected(
          Matrix(
            shape: [layer.outputs, layer.inputs],
            elements: layer.weight.storedValues().map(Double.init)),
          Vector(try #require(layer.bias).storedValues().map(Double.init)))
      default: throw UnknownLayer(name: layer.name)
      }
    }
  }

  private func textbook(
    _ network: Sequential, _ images: [Volume<Double>], _ labels: [Int]
  ) throws -> Pass {
    var pass = Pass(
      loss: 0, gradients: network.parameters.map { .init(repeating: 0, count: $0.layout.count) })
    for (example, (image, label)) in zip(images, labels).enumerated() {
      let layers = try textbook(network, example: example)
      pass.loss += backpropagate(layers, image, loss: classificationLoss(label)).loss
      var index = 0
      for (layer, lecture) in zip(network.layers, layers) {
        var gradient = lecture.parameterGradients.elements[...]
        for parameter in layer.parameters {
          for (i, value) in gradient.prefix(parameter.layout.count).enumerated() {
            pass.gradients[index][i] += value
          }
          gradient = gradient.dropFirst(parameter.layout.count)
          index += 1
        }
      }
    }
    // Row L4's 1/N, once for the whole mini-batch.
    let scale = 1 / Double(images.count)
    pass.loss *= scale
    pass.gradients = pass.gradients.map { $0.map { scale * $0 } }
    return pass
  }

  private struct UnknownLayer: Error { let name: String }

  private func fast(
    _ network: Sequential, _ x: [Float], _ labels: [Int], _ context: Context
  ) -> Pass {
    let count = labels.count
    let executor = Executor(network, capacity: count, training: true, context: context)
    for parameter in network.parameters { parameter.zeroGradient() }
    _ = executor.input.elements.update(fromContentsOf: x)
    let arena = Arena()
    let losses = arena.values(of: Double.self, count)
    let logits = executor.forward(count: count, chance: Self.chance)
    labels.map(Int32.init).withUnsafeBufferPointer {
      SoftmaxCrossEntropy.evaluate(
        logits, labels: $0.baseAddress!, batchSize: count, losses: losses,
        dz: executor.outputGradient(count: count), in: context)
    }
    executor.backward(count: count)
    return Pass(
      loss: (0..<count).reduce(0) { $0 + losses[$1] } / Double(count),
      gradients: network.parameters.map { $0.storedGradient().map(Double.init) })
  }

  /// Within what single precision reaches, as a part of the gradient's length.
  @Test(
    arguments: [
      ("conv(5,5) pool(2) relu conv(7,3) pool(2) relu fc(20) relu fc(classes)", 1e-6),
      ("conv(4,3) relu pool(3,2,mode=ceil) conv(6,5) relu pool(3,2) fc(12) relu fc(classes)", 1e-6),
      // The slope of GELU is within 5·10⁻⁷.
      ("conv(5,3) gelu pool(2) conv(7,3) gelu globalmax fc(20) gelu fc(classes)", 2e-6),
      ("conv(6,3) gelu conv(8,5) globalavg fc(classes)", 2e-6),
      ("conv(5,3) sigmoid avgpool(2) conv(7,3) tanh fc(20) sigmoid fc(classes)", 1e-6),
      (
        "avgpool(3,2,padding=1,countpadding=no) conv(4,3) upsample(2) tanh"
          + " conv(5,3) upsample(3x2,mode=bilinear) avgpool(4,mode=ceil) fc(classes)", 1e-6
      ),
      (
        "conv(5,3) relu dropout(0.4) upsample(2,mode=bilinear) pool(3) dropout(0.2) conv(6,3) relu"
          + " fc(20) relu dropout(0.5) fc(classes)", 1e-6
      ),
      // By Winograd's method: both sizes, one and two panels of outputs.
      (
        "conv(16,5) pool(2) relu conv(16,5) pool(2) relu conv(64,3) relu fc(24) relu fc(classes)",
        4e-6
      ),
    ], [1, 18])
  func everyGradientIsTheTextbooks(
    _ network: (notation: String, tolerance: Double), _ count: Int
  ) throws {
    let (notation, tolerance) = network
    let input: Shape = [1, 9, 8, 2]
    let network = try Architecture(notation).network(input: input, classes: 6)
    network.initialise(seed: 11)
    var random = WholeNumbers(seed: 60 + count)
    // Biases too, which start at 0.
    for parameter in network.parameters where parameter.layout.storedShape.count == 1 {
      parameter.setValues(stored: random.fractions(parameter.layout.count).map { 0.2 * $0 })
    }
    let x = random.fractions(count * input.count)
    let labels = random.next(count, from: 0, to: 5)
    let expected = try textbook(
      network, volumes(x.map(Double.init), input.with(examples: count)), labels)
    for set in KernelSet.available {
      let found = fast(network, x, labels, Context(threadCount: 2, kernelSet: set))
      #expect(abs(found.loss - expected.loss) <= tolerance * expected.loss, "\(set)")
      for (index, parameter) in network.parameters.enumerated() {
        let difference = distance(found.gradients[index], expected.gradients[index])
        #expect(difference <= tolerance, "\(parameter.name), \(set)")
      }
    }
  }

  /// ‖found − expected‖ / ‖expected‖
  private func distance(_ found: [Double], _ expected: [Double]) -> Double {
    func norm(_ values: some Sequence<Double>) -> Double {
      values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let length = norm(expected)
    guard found.count == expected.count, length > 0 else { return .infinity }
    return norm(zip(found, expected).map { $0 - $1 }) / length
  }
}
