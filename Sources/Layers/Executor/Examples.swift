import Tensors

/// The examples of a batch, as a layer reads them one at a time: from where they lie, or computed when
/// they are asked for, so that they are in the cache and no memory keeps the whole batch.
public struct Examples {
  private enum Source {
    case stored(UnsafePointer<Float>, countPerExample: Int)
    case computed((_ example: Int, _ lane: Lane) -> UnsafePointer<Float>)
  }

  private let source: Source

  /// Examples that lie one behind the other.
  public init(at base: UnsafePointer<Float>, countPerExample: Int) {
    source = .stored(base, countPerExample: countPerExample)
  }

  public init(of tensor: Tensor) {
    self.init(at: tensor.base, countPerExample: tensor.shape.countPerExample)
  }

  /// Examples that `compute` gives, each in memory of the lane's thread; not in the lane's scratch memory,
  /// which the reader uses, nor by the lane's number, which may be that of any part of the batch.
  init(computedBy compute: @escaping (_ example: Int, _ lane: Lane) -> UnsafePointer<Float>) {
    source = .computed(compute)
  }

  /// Where the examples lie, if they do.
  var stored: UnsafePointer<Float>? {
    if case .stored(let base, _) = source { base } else { nil }
  }

  /// An example's values; a computed one's stay until the thread asks for the next, be it among these or
  /// other examples.
  func values(of example: Int, in lane: Lane) -> UnsafePointer<Float> {
    switch source {
    case .stored(let base, let count): base + example * count
    case .computed(let compute): compute(example, lane)
    }
  }
}

/// Where the outputs of a batch's examples go: all into memory of the batch, or into that of a thread, which
/// holds a few in turn.
public struct Outputs {
  private let base: UnsafeMutablePointer<Float>
  private let countPerExample: Int
  /// How many examples there is room for; nil for the whole batch.
  private let turn: Int?

  /// The whole batch's.
  public init(_ tensor: Tensor) {
    (base, countPerExample, turn) = (tensor.base, tensor.shape.countPerExample, nil)
  }

  /// Each in the place of the one `turn` examples before.
  init(inTurn turn: Int, at base: UnsafeMutablePointer<Float>, countPerExample: Int) {
    (self.base, self.countPerExample, self.turn) = (base, countPerExample, turn)
  }

  /// Where an example's outputs go.
  func place(of example: Int) -> UnsafeMutablePointer<Float> {
    base + (turn.map { example % $0 } ?? example) * countPerExample
  }
}
