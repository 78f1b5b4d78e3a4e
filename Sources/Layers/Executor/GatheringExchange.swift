import Tensors

/// Gives a ``GatheringLayer`` the examples of all processes, and divides its weight gradient among them.
///
/// The inputs are gathered in the background, from the forward pass on. Each process computes some rows of
/// the weight gradient over the whole batch, and the rows are gathered in the background.
final class GatheringExchange {
  private let layer: any GatheringLayer
  private let group: ProcessGroup
  /// The inputs and the gradients of all examples, `[capacity, inputs]` and `[capacity, outputs]`.
  private let inputs: UnsafeMutablePointer<Float>
  private let gradients: UnsafeMutablePointer<Float>
  /// The weight gradient, process by process: in each part the rows of one panel after the other.
  private let rows: UnsafeMutablePointer<Float>
  private let panels: Int
  /// The number of examples of the batch.
  private var count = 0
  private lazy var inputJob = ProcessGroup.Job { [unowned self] in
    gather(inputs, layer.inputs, on: .background)
  }
  private lazy var rowJob = ProcessGroup.Job { [unowned self] in
    group.gather(UnsafeMutableRawPointer(rows), on: .background) { offset(ofPart: $0) * 4 }
  }

  init(of layer: any GatheringLayer, capacity: Int, among group: ProcessGroup, arena: Arena) {
    self.layer = layer
    self.group = group
    inputs = arena.floats(capacity * layer.inputs)
    gradients = arena.floats(capacity * layer.outputs)
    rows = arena.floats(layer.weight.memoryCount)
    panels = PanelMatrix.panelCount(layer.outputs)
  }

  /// Starts to gather the inputs of a batch of `count` examples, of which `x` has those of this process.
  func start(_ x: Tensor, count: Int) {
    group.wait(for: inputJob)
    self.count = count
    copy(x, to: inputs)
    group.start(inputJob)
  }

  /// Adds this process's rows of the weight gradient and the whole bias gradient, and sets `dx` of its own
  /// examples unless it is nil.
  func backward(
    _ dy: Tensor, into dx: Tensor?, count: Int, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    copy(dy, to: gradients)
    gather(gradients, layer.outputs, on: .foreground)
    group.wait(for: inputJob)
    let own = rows(ofPart: group.rank)
    layer.addGradients(
      Tensor([count, layer.outputs], at: gradients),
      input: Tensor([count, layer.inputs], at: inputs), rows: own, sharedScratch: sharedScratch,
      in: context)
    forEachPanel(ofPart: group.rank) { packed, gradient, size in
      packed.update(from: gradient, count: size)
    }
    group.start(rowJob)
    if let dx { layer.setInputGradient(dx, from: dy, sharedScratch: sharedScratch, in: context) }
  }

  /// Copies the rows of the other processes to the gradient.
  func finish(in context: Context) {
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
    layer.inputs * part / group.count * panels * PanelMatrix.panelWidth
  }

  private func forEachPanel(
    ofPart part: Int,
    _ body: (
      _ packed: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, _ size: Int
    ) -> Void
  ) {
    let range = rows(ofPart: part)
    let size = range.count * PanelMatrix.panelWidth
    let matrix = layer.weight.panels(at: layer.weight.gradient)
    for panel in 0..<panels {
      body(
        rows + offset(ofPart: part) + panel * size,
        matrix.panel(panel) + range.lowerBound * PanelMatrix.panelWidth, size)
    }
  }

  /// Copies the examples of this process to their place among all.
  private func copy(_ x: Tensor, to memory: UnsafeMutablePointer<Float>) {
    let width = x.shape.countPerExample
    (memory + group.share.examples(among: count).lowerBound * width)
      .update(from: x.base, count: x.count)
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
