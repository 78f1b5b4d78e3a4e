import Tensors

/// Neighboring examples of a batch that one thread computes together.
///
/// Unlike a ``Lane``, a group has no sums of its own: the number of groups depends on the layer.
struct ExampleGroup {
  /// The group's number, from 0.
  let index: Int
  let examples: Range<Int>
  let worker: Worker

  /// The size of groups of about `least` examples that keep all threads busy to the end. Groups
  /// have half of `least` or more, as far as there are that many examples.
  static func size(of examples: Int, least: Int, threads: Int) -> Int {
    let groups = max(1, (examples + least - 1) / least)
    let shared = (groups + threads - 1) / threads * threads
    let size = (examples + shared - 1) / shared
    return 2 * size >= least ? size : least
  }

  /// Calls `body` for groups of `size` examples, which the threads share. The last group may be smaller. If the
  /// groups leave threads idle (``Context/leavesThreadsIdle(_:)``), the threads share the work of each group instead.
  static func forEach(
    of examples: Range<Int>, size: Int, in context: Context,
    _ body: (_ group: ExampleGroup) -> Void
  ) {
    let count = (examples.count + size - 1) / size
    func run(_ index: Int, _ worker: Worker) {
      let first = examples.lowerBound + index * size
      body(
        ExampleGroup(
          index: index, examples: first..<min(first + size, examples.upperBound), worker: worker))
    }
    if context.leavesThreadsIdle(count) {
      for index in 0..<count { run(index, Worker(0, of: context, helped: true)) }
      return
    }
    context.pool.run(count) { index, worker in run(index, Worker(worker, of: context)) }
  }
}
