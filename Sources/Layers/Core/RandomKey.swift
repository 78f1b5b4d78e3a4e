/// The key of the random numbers of one forward pass in training. With a key, a pass is a pure
/// function.
///
/// The numbers come from `Random`. They depend on an example's index in the mini-batch. A
/// mini-batch may be computed in several passes. The key of each pass holds the index of its first
/// example, so the numbers are those of a single pass.
public struct RandomKey: Equatable, Sendable {
  public let seed: UInt64
  /// The training step. Each step draws new numbers.
  public let step: Int
  /// The index of the first example in the mini-batch.
  public let firstExample: Int

  public init(seed: UInt64, step: Int, firstExample: Int = 0) {
    self.seed = seed
    self.step = step
    self.firstExample = firstExample
  }

  /// The key for the same mini-batch, starting `count` examples later.
  public func advanced(by count: Int) -> RandomKey {
    RandomKey(seed: seed, step: step, firstExample: firstExample + count)
  }
}
