import CKernels
import Tensors

/// Values that a layer computes with and a checkpoint stores, together with the gradient of the
/// loss with respect to them.
public final class Parameter {
  /// The code that changes the values.
  public enum Role: Sendable {
    /// The optimizer.
    case trained
    /// None: the values stay as they were drawn, computed or read. PyTorch's
    /// `requires_grad = False`.
    case frozen
    /// The layer itself, in each forward pass of training: a running average. PyTorch's buffer.
    case running
  }

  /// PyTorch's name: `conv1.weight`.
  public let name: String
  public let layout: ParameterLayout
  public private(set) var role: Role
  /// The initial value of each element of a vector.
  public let start: Float
  /// The number of inputs that one output sums over. It scales the initial values.
  public let fanIn: Int

  private var arena = Arena()
  /// The memory of the lanes, which stays this process's own.
  private let laneArena = Arena()
  public private(set) var values: UnsafeMutablePointer<Float>
  /// `∂L/∂θ`, summed over all examples since ``zeroGradient()``. It has the layout of ``values``,
  /// and is empty unless the values are trained.
  ///
  /// After ``zeroGradientLater()`` the first to ask for it is alone: it writes the zeros.
  public var gradient: UnsafeMutablePointer<Float> {
    if isZero {
      isZero = false
      gradientMemory.update(repeating: 0, count: memoryCount)
    }
    return gradientMemory
  }
  private var gradientMemory: UnsafeMutablePointer<Float>
  /// The floats of `gradientMemory`, which a parameter that is frozen later keeps.
  private let gradientCount: Int
  /// True if the gradient is zero, whatever its memory holds.
  private var isZero = false
  private var lanes: UnsafeMutablePointer<Float>?

  public init(
    _ name: String, _ layout: ParameterLayout, fanIn: Int, role: Role = .trained,
    start: Float = 0
  ) {
    self.name = name
    self.layout = layout
    self.role = role
    self.start = start
    self.fanIn = fanIn
    values = arena.floats(layout.memoryCount)
    gradientCount = role == .trained ? layout.memoryCount : 0
    gradientMemory = arena.floats(gradientCount)
    if case .vector = layout { values.update(repeating: start, count: layout.count) }
  }

  public var isTrained: Bool { role == .trained }

  /// Freezes a trained parameter. Call it before an ``Executor`` is made for the network. A running
  /// average keeps its role: ``BatchNormalization/isFrozen`` tells whether the layer changes it.
  package func freeze() {
    if role == .trained { role = .frozen }
  }

  /// The number of floats in memory, padding included.
  public var memoryCount: Int { layout.memoryCount }

  /// The values as the matrix of a convolution or a fully connected layer.
  public var matrix: PanelMatrix { panels(at: values) }

  /// `memory`, which has the layout of ``values``, as a matrix.
  func panels(at memory: UnsafeMutablePointer<Float>) -> PanelMatrix {
    switch layout {
    case .convolution(let kh, let kw, let inputs, let outputs):
      PanelMatrix(rows: kh * kw * inputs, columns: outputs, at: memory)
    case .convolution1D(let k, let inputs, let outputs):
      PanelMatrix(rows: k * inputs, columns: outputs, at: memory)
    case .fullyConnected(let inputs, let outputs, _):
      PanelMatrix(rows: inputs, columns: outputs, at: memory)
    case .vector: preconditionFailure("\(name) is a vector, not a matrix")
    }
  }

  /// Moves the values and the gradient to memory of `arena`, which processes share. All have equal values, and
  /// wait at a barrier before one changes them.
  package func move(to arena: Arena) {
    let (oldValues, oldGradient) = (values, gradient)
    values = arena.floats(memoryCount)
    gradientMemory = arena.floats(gradientCount)
    values.update(from: oldValues, count: memoryCount)
    gradientMemory.update(from: oldGradient, count: gradientCount)
    self.arena = arena
  }

  // MARK: Gradients

  public func zeroGradient() {
    if isTrained { gradient.update(repeating: 0, count: memoryCount) }
  }

  /// The same, but zeros are written when the gradient is needed first, on the thread that needs it. A large gradient is
  /// then not written twice.
  package func zeroGradientLater() { isZero = isTrained }

  /// The memory of the gradient, and true if its contents count as zeros. The caller sets all of it then.
  func takeGradient() -> (memory: UnsafeMutablePointer<Float>, isZero: Bool) {
    defer { isZero = false }
    return (gradientMemory, isZero)
  }

  /// Allocates a gradient for each lane of examples, for layers that compute each example
  /// independently.
  package func prepareLanes() {
    if lanes == nil, isTrained { lanes = laneArena.floats(memoryCount * Context.laneCount) }
  }

  /// The sum of one lane's gradients.
  func gradient(ofLane lane: Int) -> UnsafeMutablePointer<Float> {
    guard let lanes else { preconditionFailure("\(name): lanes were not prepared") }
    return lanes + lane * memoryCount
  }

  func zeroGradient(ofLane lane: Int) {
    gradient(ofLane: lane).update(repeating: 0, count: memoryCount)
  }

  /// Adds the lanes' sums to ``gradient``, as a tree of fixed shape.
  ///
  /// - Parameter occupied: the lanes that have sums, a bit for each (``Context/occupiedLanes(among:)``).
  package func addLanes(occupied: UInt64, in context: Context) {
    guard let lanes else { return }
    forEachBlock(in: context) { start, size in
      context.kernels.add_lanes(
        lanes + start, memoryCount, Context.laneCount, occupied, gradient + start, size)
    }
  }

  /// Sets `sum` to the sum of the gradients of `range`, which is a whole subtree of the lanes' tree.
  func sumLanes(
    _ range: Range<Int>, occupied: UInt64, into sum: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    let first = gradient(ofLane: range.lowerBound)
    forEachBlock(in: context) { start, size in
      (sum + start).update(repeating: 0, count: size)
      context.kernels.add_lanes(
        first + start, memoryCount, range.count, occupied >> UInt64(range.lowerBound), sum + start,
        size)
    }
  }

  /// Calls `body` for blocks of the elements, which the threads share.
  func forEachBlock(in context: Context, _ body: (_ start: Int, _ size: Int) -> Void) {
    let block = 4096
    context.pool.run((memoryCount + block - 1) / block) { task, _ in
      let start = task * block
      body(start, min(block, memoryCount - start))
    }
  }

  // MARK: Stored order

  /// The values in PyTorch's order.
  public func storedValues() -> [Float] { stored(values) }

  /// The gradient in PyTorch's order; empty unless the values are trained.
  public func storedGradient() -> [Float] { isTrained ? stored(gradient) : [] }

  /// The values in `memory`, which has the layout of ``values``, in PyTorch's order.
  public func stored(_ memory: UnsafePointer<Float>) -> [Float] {
    [Float](unsafeUninitializedCapacity: layout.count) { buffer, count in
      layout.forEachStored { buffer[$0] = memory[$1] }
      count = layout.count
    }
  }

  /// Sets ``values`` from PyTorch's order.
  public func setValues(stored: [Float]) { set(values, stored: stored) }

  /// Sets `memory`, which has the layout of ``values``, from PyTorch's order.
  public func set(_ memory: UnsafeMutablePointer<Float>, stored: [Float]) {
    precondition(
      stored.count == layout.count, "\(name): \(stored.count) values for \(layout.storedShape)")
    stored.withUnsafeBufferPointer { source in
      layout.forEachStored { memory[$1] = source[$0] }
    }
  }

  // MARK: Initial values

  /// Draws weights from U(−b, b) with b = √(3·gain / fanIn), whose variance is gain / fanIn.
  /// Vectors are set to ``start``, which is 0 for biases.
  ///
  /// The numbers are drawn in stored order, so they do not depend on the layout in memory.
  public func initialize(seed: UInt64, index: Int, gain: Float) {
    if case .vector = layout {
      values.update(repeating: start, count: layout.count)
      return
    }
    draw(seed: seed, index: index, bound: (3 * gain / Float(fanIn)).squareRoot())
  }

  /// Draws all values from U(−bound, bound), in stored order.
  func draw(seed: UInt64, index: Int, bound: Float) {
    var random = Random(seed: seed, domain: .initialization, index: index)
    layout.forEachStored { _, memory in values[memory] = (2 * random.uniform() - 1) * bound }
  }
}
