import CKernels
import Tensors

/// A thread of the context's pool, with its kernels and its scratch memory.
public struct Worker {
  /// The number of the thread.
  public let index: Int
  public let kernels: kernels
  /// Scratch memory of this thread for one call; its initial contents are arbitrary.
  public let scratch: UnsafeMutablePointer<Float>
  /// The context whose other threads wait for tasks; nil if they have examples of their own.
  private let helpers: Context?

  /// - `helped`: true if the other threads have nothing to do, so that they may share the work of an example.
  public init(_ index: Int, of context: Context, helped: Bool = false) {
    self.index = index
    self.kernels = context.kernels
    self.scratch = context.scratch(of: index)
    helpers = helped && context.threadCount > 1 ? context : nil
  }
  /// The same thread, whose scratch memory starts `count` floats further on.
  func reserving(_ count: Int) -> Worker { Worker(self, scratch: scratch + count) }

  private init(_ worker: Worker, scratch: UnsafeMutablePointer<Float>) {
    index = worker.index
    kernels = worker.kernels
    helpers = worker.helpers
    self.scratch = scratch
  }

  /// The number of threads that share tasks.
  var threadCount: Int { helpers?.threadCount ?? 1 }

  /// Calls `body` for each task: all threads share the tasks if they have no other work, as in a batch of one
  /// example, and otherwise this thread takes them in order. Tasks may not depend on each other.
  ///
  /// - Parameter body: gets the task and its thread, with the scratch memory behind what this one reserves.
  func share(_ tasks: Int, _ body: (_ task: Int, _ worker: Worker) -> Void) {
    guard let helpers, tasks > 1 else {
      for task in 0..<tasks { body(task, self) }
      return
    }
    let reserved = scratch - helpers.scratch(of: index)
    helpers.pool.run(tasks) { task, thread in
      body(task, Worker(thread, of: helpers).reserving(reserved))
    }
  }

  /// Divides `count` neighbors for ``share(_:_:)``: one part if this thread is alone, and otherwise about two for each
  /// thread. Parts are whole multiples of `unit`, but for the last one.
  ///
  /// - Parameter factor: the number of tasks in each part. The more there are, the fewer parts suffice.
  func parts(of count: Int, unit: Int = 1, besides factor: Int = 1) -> Parts {
    let wanted = helpers.map { (2 * $0.threadCount + factor - 1) / factor } ?? 1
    return Parts(of: count, among: wanted, unit: unit)
  }

  /// The division of some neighbors into parts of equal size, the last of which may be smaller.
  struct Parts {
    let total: Int
    let size: Int

    /// At most `parts` parts, of whole multiples of `unit` but for the last one.
    init(of total: Int, among parts: Int, unit: Int = 1) {
      let units = (total + unit - 1) / unit
      self.total = total
      size = max(1, (units + parts - 1) / parts) * unit
    }

    var count: Int { (total + size - 1) / size }
    /// A part; those behind the last one are empty.
    func range(_ part: Int) -> Range<Int> {
      min(part * size, total)..<min((part + 1) * size, total)
    }
  }
}
