import Tensors

/// Neighboring examples of a batch that one thread computes together.
///
/// Unlike a ``Lane``, a group has no sums of its own: the number of groups depends on the layer.
struct ExampleGroup {
  /// The group's number, from 0.
  let index: Int
  let examples: Range<Int>
  let worker: Worker

  /// Calls `body` for groups of `size` examples, which the threads share. The last group may be smaller.
  static func forEach(
    of examples: Range<Int>, size: Int, in context: Context,
    _ body: (_ group: ExampleGroup) -> Void
  ) {
    context.pool.run((examples.count + size - 1) / size) { index, worker in
      let first = examples.lowerBound + index * size
      body(
        ExampleGroup(
          index: index, examples: first..<min(first + size, examples.upperBound),
          worker: Worker(worker, of: context)))
    }
  }
}
