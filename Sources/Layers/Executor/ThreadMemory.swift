import Tensors

/// A thread's memory for the activations and gradients of a chunk.
struct ThreadMemory {
  /// Two blocks that the layers of a run write alternately.
  private(set) var current: UnsafeMutablePointer<Float>
  private var other: UnsafeMutablePointer<Float>
  /// The outputs that a backward pass recomputes.
  let recomputed: UnsafeMutablePointer<Float>
  /// The outputs of a streaming layer that are incomplete. In the backward pass, the gradient with
  /// respect to one of its outputs.
  let streamed: UnsafeMutablePointer<Float>

  /// The size of each region in floats. The layers' own scratch memory comes first.
  struct Layout {
    var layers = 0
    var activations = 0
    var recomputed = 0
    var streamed = 0

    var count: Int { layers + 2 * activations + recomputed + streamed }

    /// Rounds up to whole cache lines and adds at least one, so that threads share no cache line
    /// and vector loads stay inside.
    static func padded(_ count: Int) -> Int { (count + 31) / 16 * 16 }
  }

  /// - Parameter scratch: the thread's scratch memory.
  init(at scratch: UnsafeMutablePointer<Float>, _ layout: Layout) {
    current = scratch + layout.layers
    other = current + layout.activations
    recomputed = other + layout.activations
    streamed = recomputed + layout.recomputed
  }

  /// The block to write next; it becomes ``current``.
  mutating func next() -> UnsafeMutablePointer<Float> {
    swap(&current, &other)
    return current
  }
}
