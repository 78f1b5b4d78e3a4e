import Layers
import Networks
import Tensors

/// A layer that multiplies, with its input's extents and its batch, for measuring kernels.
///
/// The text is the layer in the course's notation, followed by its input: height × width ×
/// channels, or the number of features: `conv(64,3) on 32x32x64`, `fc(512) on 1568`.
public struct KernelProblem: Equatable, Sendable, CustomStringConvertible {
  /// The problem in its shortest form.
  public let description: String
  private let architecture: Architecture
  /// The input's shape for one example.
  let input: Shape
  /// The examples of a batch, for which algorithms and tiles are chosen too.
  public let batchSize: Int
  /// True for the forward pass of inference, for which algorithms and tiles are chosen by another rule.
  public let isInference: Bool

  /// The batch if nothing else is asked for.
  public static let usualBatchSize = 128
  /// The maximum number of floats in one example's input.
  private static let greatestInput = 1 << 24

  /// - Throws: ``NotationError`` unless `text` is one convolution or fully connected layer with an
  ///   input that it can take.
  public init(
    _ text: String, batchSize: Int = KernelProblem.usualBatchSize, isInference: Bool = false
  ) throws(NotationError) {
    precondition(batchSize > 0, "a batch of \(batchSize)")
    func error(_ problem: String, _ expected: String) -> NotationError {
      NotationError(text: text, position: 1, layer: text, problem: problem, expected: expected)
    }
    let form = "a layer on its input, such as conv(64,3) on 32x32x64 or fc(512) on 1568"
    let words = text.split(separator: " ")
    guard words.count >= 3, words[words.count - 2] == "on" else {
      throw error("it has no input", form)
    }
    let layer = words.dropLast(2).joined(separator: " ")
    let extents = words[words.count - 1].split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    let architecture = try Architecture(layer)
    guard architecture.layers.count == 1, let rank = Self.inputRank(of: architecture.layers[0])
    else { throw error("“\(layer)” is not one layer that multiplies", form) }
    guard extents.count == rank, extents.allSatisfy({ (1...Self.greatestInput).contains($0) }),
      extents.reduce(1.0, { $0 * Double($1) }) <= Double(Self.greatestInput)
    else {
      throw error(
        "the input is “\(words[words.count - 1])”",
        rank == 3 ? "height x width x channels, such as 32x32x64" : "a number of features")
    }
    if let convolution = architecture.layers[0] as? Convolution2D.Specification,
      convolution.frozen
    {
      throw error("a frozen layer has no gradient by its weights", "a layer that is trained")
    }
    self.architecture = architecture
    self.batchSize = batchSize
    self.isInference = isInference
    input = Shape([1] + extents)
    description =
      "\(architecture.canonical) on \(extents.map(String.init).joined(separator: "x"))"
    do throws(NotationError) {
      _ = try architecture.stack(input: input, classes: 1)
    } catch let problem {
      throw error("the layer does not fit: \(problem.problem)", problem.expected)
    }
  }

  /// The rank of a layer's input; nil for a layer that cannot be measured.
  private static func inputRank(of layer: any LayerSpecification) -> Int? {
    if layer is Convolution2D.Specification { return 3 }
    if let layer = layer as? FullyConnected.Specification, layer.outputs != nil { return 1 }
    return nil
  }

  /// Builds the layer, with values of zero.
  ///
  /// - Parameter algorithm: a convolution algorithm that supports the layer, or one of ``tiles``.
  func makeLayer(algorithm: String? = nil) -> any Layer {
    guard let network = try? architecture.stack(input: input, classes: 1) else {
      preconditionFailure("\(description) was checked when it was read")
    }
    guard var convolution = network.layers[0] as? Convolution2D else { return network.layers[0] }
    func choose(_ algorithm: String?) {
      do { try convolution.setAlgorithm(algorithm, for: input, batch: batchSize) } catch {
        preconditionFailure("\(error)")
      }
    }
    choose(nil)
    if isInference { convolution = Convolution2D(forInference: convolution) }
    if let algorithm, !convolution.setWinogradTile(algorithm, for: input) { choose(algorithm) }
    return convolution
  }

  /// The multiply-adds of one example's forward pass, as the layer's formula counts them.
  public var multiplyAdds: Int { makeLayer().multiplyAdds(for: input) }

  /// The names of the algorithms that can compute the problem.
  public var algorithms: [String] {
    guard let layer = makeLayer() as? Convolution2D else { return [Self.product] }
    return layer.supportedAlgorithms(for: input)
  }

  /// Winograd's method with each of its tiles, as names such as `winograd 4×4`.
  public var tiles: [String] {
    (makeLayer() as? Convolution2D)?.winogradTiles(for: input) ?? []
  }

  /// The one of ``tiles`` that Winograd's method takes by itself.
  public var chosenTile: String? {
    (makeLayer() as? Convolution2D)?.chosenWinogradTile(for: input)
  }

  /// What the automatic choice counts for an algorithm, in order to fit its constants; empty for
  /// algorithms that it never takes.
  public func costCounts(of algorithm: String) -> [Double] {
    (makeLayer() as? Convolution2D)?.costCounts(of: algorithm, for: input) ?? []
  }

  /// The name of the algorithm that is chosen automatically.
  public var chosenAlgorithm: String {
    (makeLayer() as? Convolution2D)?.algorithmName(for: input) ?? Self.product
  }

  /// The name of a fully connected layer's algorithm, a matrix product.
  static let product = "product"

  /// The names of all algorithms that can compute some problem.
  public static var allAlgorithms: [String] {
    ConvolutionAlgorithms.names + [product]
  }

  /// The layers that take the most time in the named models.
  ///
  /// - Parameter batchSize: the examples of a batch.
  public static func ofNamedModels(
    batchSize: Int = usualBatchSize, isInference: Bool = false
  ) -> [KernelProblem] {
    namedModelTexts.map { text in
      do {
        return try KernelProblem(text, batchSize: batchSize, isInference: isInference)
      } catch {
        preconditionFailure("\(error)")
      }
    }
  }

  private static let namedModelTexts = [
    "conv(64,3) on 32x32x3", "conv(64,3) on 32x32x64", "conv(128,3) on 16x16x64",
    "conv(128,3) on 16x16x128", "conv(256,3) on 8x8x128", "conv(256,3) on 8x8x256",
    "conv(64,3,padding=valid) on 26x26x32", "conv(16,5) on 28x28x1", "conv(32,5) on 14x14x16",
    "conv(16,5) on 32x32x3", "conv(32,5) on 16x16x16", "fc(512) on 1568",
  ]
}
