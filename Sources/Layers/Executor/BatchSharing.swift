import Tensors

/// The processes that share each batch of an executor.
struct BatchSharing {
  let group: ProcessGroup
  /// The most examples of a batch, of all processes together.
  let capacity: Int
  /// Where the exchanges of the executor have their memory: ``SharedMemory``, or that of the executor.
  let memory: Arena

  init(_ group: ProcessGroup, capacity: Int, arena: Arena) {
    self.group = group
    self.capacity = capacity
    memory = group.shared.map { Arena(in: $0) } ?? arena
  }
}

/// Sums of each process in shared memory, which the processes add for each other.
struct SharedSums {
  private let shared: SharedMemory
  private let memory: UnsafeMutablePointer<Float>
  private let stride: Int

  /// - Parameter count: the number of sums of a process.
  init(count: Int, in shared: SharedMemory, arena: Arena) {
    self.shared = shared
    stride = Arena.alignedCount(count)
    memory = arena.floats(stride * shared.count)
  }

  /// The sums of this process.
  var own: UnsafeMutablePointer<Float> { memory + shared.rank * stride }

  /// Adds the sums of all processes to `gradient`, as the upper part of the lanes' tree, for the elements that
  /// are this process's part. All processes have written their sums before.
  ///
  /// - Parameter first: the place of the first of the `count` sums among those of a process.
  func add(
    _ first: Int, count: Int, to gradient: UnsafeMutablePointer<Float>, in context: Context
  ) {
    let part = shared.part(of: count)
    let block = 4096
    context.pool.run((part.count + block - 1) / block) { task, _ in
      let start = part.lowerBound + task * block
      context.kernels.add_lanes(
        memory + first + start, stride, shared.count, .max, gradient + start,
        min(block, part.upperBound - start))
    }
  }
}
