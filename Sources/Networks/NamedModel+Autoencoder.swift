import Tensors

/// How an autoencoder's decoder enlarges its images twofold.
public enum Decoder: String, CaseIterable, Sendable {
  /// By strided transposed convolutions (lecture row L17).
  case transposed
  /// By bilinear upsampling with a convolution behind it (lecture row L18).
  case bilinear
}

extension NamedModel {
  /// Gives back 28×28 digits through a bottleneck of 7×7×4 numbers.
  public static let autoencoder = NamedModel(
    name: "autoencoder", notation: autoencoder(.transposed), inputShape: [1, 28, 28, 1],
    summary: "gives back 28×28 digits through a bottleneck of 7×7×4 numbers")

  /// Whether the model's decoder can be chosen.
  public var hasDecoders: Bool { self == Self.autoencoder }

  /// The network with the `decoder`; its own one for models without a choice.
  public func architecture(decoder: Decoder) -> Architecture {
    guard hasDecoders else { return architecture }
    do { return try Architecture(Self.autoencoder(decoder)) } catch {
      preconditionFailure("\(name): \(error)")
    }
  }

  private static func autoencoder(_ decoder: Decoder) -> String {
    let encoder =
      "conv(16,3,stride=2,padding=1) relu conv(32,3,stride=2,padding=1) relu conv(4,3)"
    switch decoder {
    case .transposed:
      return encoder + " convt(16,4,stride=2,padding=1) relu convt(1,4,stride=2,padding=1)"
    case .bilinear:
      return encoder + " upsample(2,mode=bilinear) conv(16,3) relu upsample(2,mode=bilinear)"
        + " conv(1,3)"
    }
  }
}
