/// Leaves so many of a list of examples, for short trials.
public enum ExampleLimit {
  /// `count` of `examples`, in their order, each class by its share, drawn by the seed; all of them
  /// where there are no more, or where `count` is nil.
  ///
  /// - Parameter labels: those of all images, `labels[example]`.
  public static func apply(
    _ count: Int?, to examples: [Int], labels: [UInt8], seed: UInt64
  ) -> [Int] {
    guard let count, count < examples.count else { return examples }
    let choice = StratifiedChoice(
      of: examples.map { labels[$0] }, taking: count, seed: seed, domain: .limit)
    return choice.taken.map { examples[$0] }
  }
}
