/// Leaves so many of a list of examples, for short trials.
public enum ExampleLimit {
  /// `count` of `examples`, in their order, each class by its share and one of each at least if
  /// `count` allows, drawn by the seed; all of them where there are no more, or where `count` is nil.
  ///
  /// - Parameter labels: those of all images, `labels[example]`.
  public static func apply(
    _ count: Int?, to examples: [Int], labels: [UInt8], seed: UInt64
  ) -> [Int] {
    guard let count, count < examples.count else { return examples }
    let choice = StratifiedChoice(
      of: examples.map { labels[$0] }, taking: count, seed: seed, domain: .limit,
      bounds: .takingOne)
    return choice.taken.map { examples[$0] }
  }

  /// A sentence about the classes that none of `examples` is of; nil where there are none.
  ///
  /// - Parameters:
  ///   - labels: those of all images, `labels[example]`.
  ///   - purpose: what the examples are for, as "to train on".
  public static func absence(
    in examples: [Int], labels: [UInt8], classNames: [String], purpose: String
  ) -> String? {
    var isPresent = [Bool](repeating: false, count: classNames.count)
    for example in examples { isPresent[Int(labels[example])] = true }
    let absent = classNames.indices.filter { !isPresent[$0] }.map { classNames[$0] }
    guard !absent.isEmpty else { return nil }
    return "no examples \(purpose) of \(absent.count) of the \(classNames.count) classes: "
      + "\(shortList(absent, "and"))."
  }
}
