import Tensors

/// Gives a ``GatheringLayer`` the examples of all processes, and divides its weight gradient among them.
///
/// The inputs are gathered in the background, from the forward pass on. Each process computes some rows of
/// the weight gradient over the whole batch, and the rows are gathered in the background.
///
/// With shared memory nothing is gathered: the inputs, outputs and gradients of all examples have one place,
/// and each process computes a part of the columns or rows of every product, for all examples. So it reads
/// only its part of the weight.
final class GatheringExchange {
  private let layer: any GatheringLayer
  private let group: ProcessGroup
  /// The inputs and the gradients of all examples, `[capacity, pixels·inputs]` and `[capacity, pixels·outputs]`.
  private let inputs: UnsafeMutablePointer<Float>
  private let gradients: UnsafeMutablePointer<Float>
  /// With shared memory the gradients with respect to the inputs of all examples, `[capacity, pixels·inputs]`.
  private let inputGradients: UnsafeMutablePointer<Float>
  /// The weight gradient, process by process: in each part the rows of one panel after the other. Empty with
  /// shared memory.
  private let rows: UnsafeMutablePointer<Float>
  private let panels: Int
  /// The number of examples of the batch.
  private var count = 0
  private lazy var inputJob = ProcessGroup.Job { [unowned self] in
    gather(inputs, layer.pixels * layer.inputs, on: .background)
  }
  private lazy var rowJob = ProcessGroup.Job { [unowned self] in
    group.gather(UnsafeMutableRawPointer(rows), on: .background) { offset(ofPart: $0) * 4 }
  }

  init(of layer: any GatheringLayer, among sharing: BatchSharing) {
    self.layer = layer
    group = sharing.group
    let (arena, capacity) = (sharing.memory, sharing.capacity)
    inputs = arena.floats(capacity * layer.pixels * layer.inputs)
    gradients = arena.floats(capacity * layer.pixels * layer.outputs)
    inputGradients = arena.floats(group.shared == nil ? 0 : capacity * layer.pixels * layer.inputs)
    rows = arena.floats(group.shared == nil ? layer.weight.memoryCount : 0)
    panels = PanelMatrix.panelCount(layer.outputs)
  }

  /// Sets `y` of a batch of `count` examples, of which `x` and `y` have those of this process.
  func forward(
    _ x: Tensor, into y: Tensor, count: Int, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    guard let shared = group.shared else {
      group.wait(for: inputJob)
      self.count = count
      copy(x, to: inputs)
      group.start(inputJob)
      return layer.forward(x, into: y, sharedScratch: sharedScratch, in: context)
    }
    self.count = count
    copy(x, to: inputs)
    shared.barrier()
    // The memory of the gradients has the outputs until the backward pass.
    layer.setOutputs(
      Tensor([count, layer.pixels * layer.outputs], at: gradients),
      input: Tensor([count, layer.pixels * layer.inputs], at: inputs),
      panels: shared.part(of: panels),
      sharedScratch: sharedScratch, in: context)
    shared.barrier()
    copyOwn(gradients, to: y)
  }

  /// Adds this process's rows of the weight gradient and the bias gradient, and sets `dx` of its own
  /// examples unless it is nil.
  func backward(
    _ dy: Tensor, into dx: Tensor?, count: Int, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    copy(dy, to: gradients)
    if let shared = group.shared {
      shared.barrier()
    } else {
      gather(gradients, layer.pixels * layer.outputs, on: .foreground)
      group.wait(for: inputJob)
    }
    let own = rows(ofPart: group.rank)
    let all = Tensor([count, layer.pixels * layer.outputs], at: gradients)
    layer.addGradients(
      all, input: Tensor([count, layer.pixels * layer.inputs], at: inputs), rows: own,
      addsBias: group.shared == nil || group.rank == 0, sharedScratch: sharedScratch, in: context)
    if let shared = group.shared {
      guard let dx else { return }
      layer.setInputGradient(
        Tensor([count, layer.pixels * layer.inputs], at: inputGradients), from: all, rows: own,
        sharedScratch: sharedScratch, in: context)
      shared.barrier()
      return copyOwn(inputGradients, to: dx)
    }
    forEachPanel(ofPart: group.rank) { packed, gradient, size in
      packed.update(from: gradient, count: size)
    }
    group.start(rowJob)
    guard let dx else { return }
    layer.setInputGradient(
      dx, from: dy, rows: 0..<layer.inputs, sharedScratch: sharedScratch, in: context)
  }

  /// Copies the rows of the other processes to the gradient.
  func finish(in context: Context) {
    guard group.shared == nil else { return }
    context.pool.run(group.count) { part, _ in
      guard part != group.rank else { return }
      forEachPanel(ofPart: part) { packed, gradient, size in
        gradient.update(from: packed, count: size)
      }
    }
  }

  // MARK: Parts

  private func rows(ofPart part: Int) -> Range<Int> {
    LaneShare.part(part, of: group.count, among: layer.inputs)
  }

  private func offset(ofPart part: Int) -> Int {
    layer.inputs * part / group.count * PanelMatrix.paddedCount(layer.outputs)
  }

  private func forEachPanel(
    ofPart part: Int,
    _ body: (
      _ packed: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ size: Int
    ) -> Void
  ) {
    let range = rows(ofPart: part)
    let matrix = layer.matrix(at: layer.weight.gradient)
    var packed = rows + offset(ofPart: part)
    for panel in 0..<panels {
      let width = matrix.width(ofPanel: panel)
      let size = range.count * width
      body(packed, matrix.panel(panel) + range.lowerBound * width, size)
      packed += size
    }
  }

  /// Copies the examples of this process to their place among all.
  private func copy(_ x: Tensor, to memory: UnsafeMutablePointer<Float>) {
    (memory + ownOffset(x)).update(from: x.base, count: x.count)
  }

  /// Copies the examples of this process from their place among all.
  private func copyOwn(_ memory: UnsafeMutablePointer<Float>, to x: Tensor) {
    x.base.update(from: memory + ownOffset(x), count: x.count)
  }

  private func ownOffset(_ x: Tensor) -> Int {
    group.share.examples(among: count).lowerBound * x.shape.countPerExample
  }

  private func gather(
    _ memory: UnsafeMutablePointer<Float>, _ width: Int, on channel: MessageChannel
  ) {
    let share = group.share
    group.gather(UnsafeMutableRawPointer(memory), on: channel) { process in
      4 * width
        * (process == group.count
          ? count : share.examples(of: process, among: count).lowerBound)
    }
  }
}
