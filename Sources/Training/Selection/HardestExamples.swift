/// The setting `hardest`: each step trains on the examples of its batch that a small network, the
/// *proxy*, finds hardest.
///
/// `keep=512,every=4` is airbench96's (Jordan 2024): of each batch of 1,024, the 512 examples with the
/// greatest losses are kept, and the proxy itself is trained on them in one step of four.
public struct HardestExamples: Equatable, Sendable, CustomStringConvertible {
  /// The number of examples that are kept of each batch, at least 2.
  public let keep: Int
  /// The proxy is trained once in this many steps, from the first step on.
  public let every: Int

  static let forms = "keep=512, and where needed every=4"

  public init(keep: Int, every: Int = 1) {
    self.keep = keep
    self.every = every
  }

  /// Reads the text of a ``description``.
  public init?(_ text: String) {
    guard var arguments = NamedArguments(text),
      let keep = arguments.integer("keep", or: 0, in: 2...65_536), keep > 0,
      let every = arguments.integer("every", or: 1, in: 1...1_000_000), arguments.isEmpty
    else { return nil }
    self.init(keep: keep, every: every)
  }

  public var description: String {
    ["keep=\(keep)", NamedArguments.text("every", every, unless: 1)].compactMap { $0 }
      .joined(separator: ",")
  }

  /// The places of the ``keep`` greatest of `losses`, in ascending order. Of equal losses, the first
  /// ones are kept.
  func places(of losses: UnsafeBufferPointer<Double>) -> [Int] {
    losses.indices.sorted { (losses[$0], $1) > (losses[$1], $0) }.prefix(keep).sorted()
  }
}
