import Tensors

/// The examples of a batch as a ``StreamingLayer`` reads them, one at a time. They are stored, or
/// computed when they are read. Computed examples are in the cache and need no memory for the whole
/// batch.
public struct Examples {
  private enum Source {
    case stored(UnsafePointer<Float>, countPerExample: Int)
    case computed((_ example: Int, _ worker: Worker) -> UnsafePointer<Float>)
  }

  private let source: Source

  /// Stored examples, contiguous in memory.
  public init(at base: UnsafePointer<Float>, countPerExample: Int) {
    source = .stored(base, countPerExample: countPerExample)
  }

  public init(of tensor: Tensor) {
    self.init(at: tensor.base, countPerExample: tensor.shape.countPerExample)
  }

  /// Examples that `compute` writes to the thread's memory and returns, one at a time. `compute`
  /// must not use the thread's scratch memory, which the reader uses.
  init(computedBy compute: @escaping (_ example: Int, _ worker: Worker) -> UnsafePointer<Float>) {
    source = .computed(compute)
  }

  /// The address of the first example, if the examples are stored.
  var stored: UnsafePointer<Float>? {
    if case .stored(let base, _) = source { base } else { nil }
  }

  /// The values of an example. Computed values are valid until the thread reads its next example,
  /// from this or any other batch, or completes an example, whose epilogue uses the same memory.
  func values(of example: Int, on worker: Worker) -> UnsafePointer<Float> {
    switch source {
    case .stored(let base, let count): base + example * count
    case .computed(let compute): compute(example, worker)
    }
  }
}

/// The destination of the outputs of a ``StreamingLayer``: memory for the whole batch, or a
/// thread's ring of a few examples.
public struct Outputs {
  private let base: UnsafeMutablePointer<Float>
  private let countPerExample: Int
  /// The number of examples in the ring; nil for the whole batch.
  private let ring: Int?

  /// Memory for the whole batch.
  public init(_ tensor: Tensor) {
    (base, countPerExample, ring) = (tensor.base, tensor.shape.countPerExample, nil)
  }

  /// A ring: each example overwrites the one that is `ring` examples before it.
  init(ring: Int, at base: UnsafeMutablePointer<Float>, countPerExample: Int) {
    (self.base, self.countPerExample, self.ring) = (base, countPerExample, ring)
  }

  /// The destination of an example's output.
  func place(of example: Int) -> UnsafeMutablePointer<Float> {
    base + (ring.map { example % $0 } ?? example) * countPerExample
  }
}
