import Tensors

/// The examples of a batch as a ``StreamingLayer`` reads them, one at a time: stored, or computed when
/// they are read, so that they are in the cache and need no memory for the whole batch.
public struct Examples {
  private enum Source {
    case stored(UnsafePointer<Float>, countPerExample: Int)
    case computed((_ example: Int, _ worker: Worker) -> UnsafePointer<Float>)
  }

  private let source: Source

  /// Examples that lie one behind the other.
  public init(at base: UnsafePointer<Float>, countPerExample: Int) {
    source = .stored(base, countPerExample: countPerExample)
  }

  public init(of tensor: Tensor) {
    self.init(at: tensor.base, countPerExample: tensor.shape.countPerExample)
  }

  /// Examples that `compute` returns, each in memory of the thread. It must not use the thread's scratch
  /// memory, which the reader uses.
  init(computedBy compute: @escaping (_ example: Int, _ worker: Worker) -> UnsafePointer<Float>) {
    source = .computed(compute)
  }

  /// Where the examples lie, if they are stored.
  var stored: UnsafePointer<Float>? {
    if case .stored(let base, _) = source { base } else { nil }
  }

  /// An example's values. Computed values are valid until the thread reads its next example, from these or
  /// from other examples.
  func values(of example: Int, on worker: Worker) -> UnsafePointer<Float> {
    switch source {
    case .stored(let base, let count): base + example * count
    case .computed(let compute): compute(example, worker)
    }
  }
}

/// Where a ``StreamingLayer`` writes the outputs of a batch's examples: into memory for the whole batch,
/// or into a thread's ring of a few examples.
public struct Outputs {
  private let base: UnsafeMutablePointer<Float>
  private let countPerExample: Int
  /// The examples of the ring; nil for the whole batch.
  private let ring: Int?

  /// Memory for the whole batch.
  public init(_ tensor: Tensor) {
    (base, countPerExample, ring) = (tensor.base, tensor.shape.countPerExample, nil)
  }

  /// A ring: each example takes the place of the one `ring` examples before.
  init(ring: Int, at base: UnsafeMutablePointer<Float>, countPerExample: Int) {
    (self.base, self.countPerExample, self.ring) = (base, countPerExample, ring)
  }

  /// Where an example's output goes.
  func place(of example: Int) -> UnsafeMutablePointer<Float> {
    base + (ring.map { example % $0 } ?? example) * countPerExample
  }
}
