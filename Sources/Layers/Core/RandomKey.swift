/// What names the random numbers of one forward pass of training: with it a pass is a pure function.
///
/// Numbers are those of `Random`, of the mini-batch's examples by their place in it. A mini-batch that
/// is taken in parts names each part's first example, and draws the same numbers as in one pass.
public struct RandomKey: Equatable, Sendable {
  public let seed: UInt64
  /// The step of training; each draws anew.
  public let step: Int
  /// The place in the mini-batch of the first example.
  public let firstExample: Int

  public init(seed: UInt64, step: Int, firstExample: Int = 0) {
    self.seed = seed
    self.step = step
    self.firstExample = firstExample
  }

  /// The same mini-batch from `count` examples further on.
  public func advanced(by count: Int) -> RandomKey {
    RandomKey(seed: seed, step: step, firstExample: firstExample + count)
  }
}
