/// Keeps a given number of examples, for short trials.
public enum ExampleLimit {
  /// Returns `count` of `examples`, in their order, drawn by the seed and stratified by class, with
  /// at least one of each class if `count` allows. If `count` is nil or not smaller than their
  /// number, all examples are returned.
  ///
  /// - `labels`: the labels of all images, `labels[example]`.
  public static func apply(
    _ count: Int?, to examples: [Int], labels: [UInt8], seed: UInt64
  ) -> [Int] {
    guard let count, count < examples.count else { return examples }
    let choice = StratifiedChoice(
      of: examples.map { labels[$0] }, taking: count, seed: seed, domain: .limit,
      bounds: .takingOne)
    return choice.taken.map { examples[$0] }
  }

  /// A sentence about the classes that have none of `examples`; nil if there are none.
  ///
  /// - `labels`: the labels of all images, `labels[example]`.
  /// - `purpose`: the purpose of the examples, such as "to train on".
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
