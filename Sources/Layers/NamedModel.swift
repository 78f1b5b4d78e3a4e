/// The networks that have a name.
public struct NamedModel: Equatable, Sendable {
  public let name: String
  /// The network in the course's notation.
  public let notation: String
  public let summary: String

  public static let all: [NamedModel] = [
    NamedModel(
      name: "fer-mnist",
      notation: "conv(16,5) pool(2) relu conv(32,5) pool(2) relu fc(512) relu fc(classes)",
      summary: "the course's network for 28×28 digits"),
    NamedModel(
      name: "fer-cifar",
      notation: "conv(16,5) relu pool(3,2) conv(32,5) relu pool(3,2)"
        + " fc(256) relu fc(128) relu fc(classes)",
      summary: "the course's network for 32×32 colour pictures"),
    NamedModel(
      name: "lenet5",
      notation: "conv(6,5) relu pool(2) conv(16,5,padding=valid) relu pool(2)"
        + " fc(120) relu fc(84) relu fc(classes)",
      summary: "LeCun et al. 1998, with ReLU and max pooling"),
    NamedModel(
      name: "pytorch-mnist",
      notation: "conv(32,3,padding=valid) relu conv(64,3,padding=valid) relu pool(2)"
        + " fc(128) relu fc(classes)",
      summary: "the network of PyTorch's MNIST example, without its dropout"),
  ]

  public static func named(_ name: String) -> NamedModel? { all.first { $0.name == name } }

  public var architecture: Architecture {
    do { return try Architecture(notation) } catch { preconditionFailure("\(name): \(error)") }
  }
}
