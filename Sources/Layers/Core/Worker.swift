import CKernels
import Tensors

/// A thread of the context's pool, with its kernels and its scratch memory.
public struct Worker {
  /// The number of the thread.
  public let index: Int
  public let kernels: kernels
  /// Scratch memory of this thread for one call; its initial contents are arbitrary.
  public let scratch: UnsafeMutablePointer<Float>

  public init(_ index: Int, of context: Context) {
    self.index = index
    self.kernels = context.kernels
    self.scratch = context.scratch(of: index)
  }
  /// The same thread, whose scratch memory starts `count` floats further on.
  func reserving(_ count: Int) -> Worker { Worker(self, scratch: scratch + count) }

  private init(_ worker: Worker, scratch: UnsafeMutablePointer<Float>) {
    index = worker.index
    kernels = worker.kernels
    self.scratch = scratch
  }
}
