/// A layer whose output is its input with another shape. The executor never runs it.
public protocol ViewLayer: Layer {}

extension ViewLayer {
  public var backwardReadsInput: Bool { false }
  public var backwardReadsOutput: Bool { false }
}
