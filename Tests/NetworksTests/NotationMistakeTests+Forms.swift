import Testing

@testable import Layers
@testable import Networks

extension NotationMistakeTests {
  struct Mistake: CustomTestStringConvertible {
    let text: String
    let position: Int
    let layer: String
    let problem: String
    let expected: String
    var testDescription: String { text }

    init(
      _ text: String, at position: Int = 1, of layer: String? = nil, _ problem: String,
      _ expected: String
    ) {
      self.text = text
      self.position = position
      self.layer = layer ?? text
      self.problem = problem
      self.expected = expected
    }
  }

  /// Groups that do not divide the channels.
  static let groups: [Mistake] = [
    .init(
      "conv(8,3,groups=2) fc(10)", of: "conv(8,3,groups=2)",
      "2 groups do not divide its channels, 1 to 8", "groups=1"),
    .init(
      "conv(12,3) conv(18,3,groups=5) fc(10)", at: 12, of: "conv(18,3,groups=5)",
      "5 groups do not divide its channels, 12 to 18", "groups=6"),
    .init(
      "conv(12,3) conv(18,3,groups=4) fc(10)", at: 12, of: "conv(18,3,groups=4)",
      "4 groups do not divide its channels, 12 to 18",
      "groups=3, or 16 or 20 outputs"),
    .init(
      "conv(12,3) conv(7,3,groups=12) fc(10)", at: 12, of: "conv(7,3,groups=12)",
      "12 groups do not divide its channels, 12 to 7", "groups=1, or 12 outputs"),
    .init(
      "signal conv1d(6,3) conv1d(6,3,groups=99) fc(10)", at: 20, of: "conv1d(6,3,groups=99)",
      "99 groups do not divide its channels, 6 to 6", "groups=6"),
  ]

  // What the messages expect.

  static let conv =
    "conv(outputs,kernel), with stride=, padding=same|valid|n, groups=, bias=yes|no and frozen=yes|no"
  static let convt = "convt(outputs,kernel), with stride=, padding=n, outpad=n and bias=yes|no"
  static let conv1d =
    "conv1d(outputs,kernel), with stride=, padding=same|valid|n, groups= and bias=yes|no"
  static let pool1d = "pool1d(size) or pool1d(size,stride), with padding=n and mode=floor|ceil"
  static let res = "res(layers), as res(conv(16,3) relu)"
  static let pool = "pool(size) or pool(size,stride), with padding=n and mode=floor|ceil"
  static let fc = "fc(outputs) or fc(classes), with bias=yes|no"
  static let bn = "bn, with epsilon=, momentum= and scale=yes|no"
  static let scale = "scale(factor), a number or a fraction as 1/9"
  static let layers = LayerRegistry.expectedWords
  static let avgpool =
    "avgpool(size) or avgpool(size,stride), with padding=n, mode=floor|ceil and countpadding=yes|no"
  static let upsample = "upsample(factor), with mode=nearest|bilinear"
  static let order = "numbers first, then options as name=value"
  static let name = "a layer such as conv(16,5), relu, pool(2) or fc(10)"
  static let image = "convolutions and pooling before flatten and fc; relu or fc here"
}
