import Tensors

/// The layers with which an autoencoder's decoder doubles the size of its images.
public enum Decoder: String, CaseIterable, Sendable {
  /// Strided transposed convolutions (lecture row L17).
  case transposed
  /// Bilinear upsampling, each with a convolution behind it (lecture row L18).
  case bilinear
}

extension NamedModel {
  /// Reconstructs 28×28 digits through a bottleneck of 7×7×4 numbers.
  public static let autoencoder = NamedModel(
    name: "autoencoder", notation: autoencoder(.transposed), inputShape: [1, 28, 28, 1],
    summary: "gives back 28×28 digits through a bottleneck of 7×7×4 numbers")

  /// True if the model's decoder can be chosen.
  public var hasDecoders: Bool { self == Self.autoencoder }

  /// The network with the given `decoder`; models without a choice ignore it.
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
