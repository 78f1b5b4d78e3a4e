import CKernels
import Tensors

/// The examples of one lane of a batch, and the thread that computes them.
///
/// A batch has a fixed number of lanes. Each lane has its own sums of gradients and statistics, so that
/// results do not depend on the number of threads.
public struct Lane {
  public let worker: Worker
  /// Selects the random numbers of a forward call, from its first example on. Nil in backward
  /// calls, and if the caller of the executor passed none.
  public let randomKey: RandomKey?
  /// The number of the first example of a call, among the examples of the batch that this process has.
  public let firstExample: Int
  private let number: Int?

  /// - `helped`: true if the other threads have nothing to do, so that they may share the work of an example.
  public init(
    index: Int, worker: Int, of context: Context, helped: Bool = false, randomKey: RandomKey? = nil
  ) {
    self.init(
      index: index, on: Worker(worker, of: context, helped: helped), randomKey: randomKey)
  }

  /// A lane on a thread. With a nil index the examples are not a lane: a streaming layer calls its
  /// neighbors for single examples, in groups of its own, and evaluation has no lanes. Such calls may not accumulate
  /// sums.
  init(index: Int?, on worker: Worker, randomKey: RandomKey? = nil, firstExample: Int = 0) {
    number = index
    self.worker = worker
    self.randomKey = randomKey
    self.firstExample = firstExample
  }

  /// The lane's number.
  ///
  /// - Precondition: the examples are a lane, so the index is not nil.
  public var index: Int {
    guard let number else {
      preconditionFailure("these examples are not a lane: nothing may be summed")
    }
    return number
  }

  public var kernels: kernels { worker.kernels }
  public var scratch: UnsafeMutablePointer<Float> { worker.scratch }
  /// The same lane for a call whose first example has this number in the batch.
  func at(_ example: Int, randomKey: RandomKey? = nil) -> Lane {
    Lane(index: number, on: worker, randomKey: randomKey, firstExample: example)
  }
  /// The same lane on a thread that takes a part of its work.
  func helped(by worker: Worker) -> Lane {
    Lane(index: number, on: worker, randomKey: randomKey, firstExample: firstExample)
  }
  /// The same lane, whose scratch memory starts `count` floats further on.
  func reserving(_ count: Int) -> Lane { helped(by: worker.reserving(count)) }
}
