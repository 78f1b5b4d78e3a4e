import Layers
import Tensors

/// A network that has a name.
public struct NamedModel: Equatable, Sendable {
  public let name: String
  /// The network in the course's notation.
  public let notation: String
  /// The shape of the images that the model is designed for, `[1, h, w, c]`. It may take others.
  public let inputShape: Shape
  public let summary: String

  public static let all: [NamedModel] = [
    NamedModel(
      name: "fer-mnist",
      notation: "conv(16,5) pool(2) relu conv(32,5) pool(2) relu fc(512) relu fc(classes)",
      inputShape: digits, summary: "the course's network for 28×28 digits"),
    NamedModel(
      name: "fer-cifar",
      notation: "conv(16,5) relu pool(3,2) conv(32,5) relu pool(3,2)"
        + " fc(256) relu fc(128) relu fc(classes)",
      inputShape: images, summary: "the course's network for 32×32 color images"),
    NamedModel(
      name: "lenet5",
      notation: "conv(6,5) relu pool(2) conv(16,5,padding=valid) relu pool(2)"
        + " fc(120) relu fc(84) relu fc(classes)",
      inputShape: digits, summary: "LeCun et al. 1998, with ReLU and max pooling"),
    NamedModel(
      name: "pytorch-mnist",
      notation: "conv(32,3,padding=valid) relu conv(64,3,padding=valid) relu pool(2)"
        + " fc(128) relu fc(classes)",
      inputShape: digits,
      summary: "the network of PyTorch's MNIST example, without its dropout"),
    NamedModel(
      name: "pytorch-mnist-dropout",
      notation: "conv(32,3,padding=valid) relu conv(64,3,padding=valid) relu pool(2)"
        + " dropout(0.25) fc(128) relu dropout(0.5) fc(classes)",
      inputShape: digits, summary: "the network of PyTorch's MNIST example"),
    NamedModel(
      name: "mnist-small",
      notation: "conv(24,5,padding=valid) pool(2) relu conv(32,3,padding=valid) pool(2) relu"
        + " fc(256) relu fc(classes)",
      inputShape: digits, summary: "a quarter of fer-mnist's parameters, for short training"),
    autoencoder,
    NamedModel(
      name: "cdeotte",
      notation: "\(deotte(32)) dropout(0.4) \(deotte(64)) dropout(0.4)"
        + " conv(128,4,padding=valid) relu \(keras) dropout(0.4) fc(classes)",
      inputShape: digits,
      summary: "Chris Deotte's network for MNIST, with batch normalization and dropout"),
    NamedModel(
      name: "signal-cnn",
      notation: "signal conv1d(16,9,stride=2) relu pool1d(2) conv1d(32,9) relu pool1d(2)"
        + " conv1d(64,9) relu pool1d(2) dropout(0.5) fc(128) relu fc(classes)",
      inputShape: digits, summary: "digits as signals of 784 samples, by 1-D convolutions"),
    NamedModel(
      name: "vgg-small",
      notation: [64, 128, 256].map { "\(block($0)) \(block($0)) pool(2)" }.joined(separator: " ")
        + " globalmax fc(classes)",
      inputShape: images,
      summary: "three pairs of 3×3 convolutions with batch normalization, after VGG"),
    airbench("airbench93", 64, 128, 128),
    airbench("airbench94", 64, 256, 256),
    airbench("airbench95", 128, 384, 384),
    airbench("airbench96", 128, 384, 512, residual: true),
    NamedModel(
      name: "resnet9",
      notation: "\(block(64)) \(block(128)) pool(2) res(\(block(128)) \(block(128)))"
        + " \(block(256)) pool(2) \(block(512)) pool(2) res(\(block(512)) \(block(512)))"
        + " pool(4) fc(classes,bias=no) scale(1/8)",
      inputShape: images, summary: "David Page's network for CIFAR-10, as at DAWNBench"),
  ]

  public static func named(_ name: String) -> NamedModel? { all.first { $0.name == name } }

  public var architecture: Architecture {
    do { return try Architecture(notation) } catch { preconditionFailure("\(name): \(error)") }
  }

  private static let digits: Shape = [1, 28, 28, 1]
  private static let images: Shape = [1, 32, 32, 3]

  /// Batch normalization with Keras's defaults.
  private static let keras = "bn(epsilon=0.001,momentum=0.01)"

  /// Two 3×3 convolutions and a 5×5 one that halves the image.
  private static func deotte(_ width: Int) -> String {
    ["\(width),3,padding=valid", "\(width),3,padding=valid", "\(width),5,stride=2"]
      .map { "conv(\($0)) relu \(keras)" }.joined(separator: " ")
  }

  private static func block(_ width: Int) -> String { "conv(\(width),3,bias=no) bn relu" }

  /// A frozen 2×2 convolution, which whitens patches, and three groups of 3×3 convolutions. A group
  /// has two convolutions, or three of which the last two form a residual block.
  private static func airbench(
    _ name: String, _ widths: Int..., residual: Bool = false
  ) -> NamedModel {
    let bn = "bn(epsilon=1e-12,momentum=0.4,scale=no)"
    let groups = widths.map {
      let layer = "conv(\($0),3,bias=no) \(bn)"
      let rest = residual ? "res(\(layer) gelu \(layer)) gelu" : "\(layer) gelu"
      return "conv(\($0),3,bias=no) pool(2) \(bn) gelu \(rest)"
    }
    return NamedModel(
      name: name,
      notation: "conv(24,2,padding=valid,frozen=yes) gelu \(groups.joined(separator: " "))"
        + " pool(3) fc(classes,bias=no) scale(1/9)",
      inputShape: images,
      summary: "Keller Jordan's network for CIFAR-10, of widths "
        + widths.map(String.init).joined(separator: ", "))
  }
}
