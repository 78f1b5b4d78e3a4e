import Tensors

/// How a network's layers are executed: which run together example by example, and where each
/// activation lies.
struct ExecutionPlan {
  /// One layer's place in the execution. Views have none: they only change the shape in which the
  /// next layer reads its input.
  struct Step<Kind> {
    let layer: Kind
    /// For the whole capacity.
    let input: Shape
    let output: Shape
    /// Whether the backward pass must give the gradient by the input: there are parameters before.
    let needsInputGradient: Bool
    /// Where the output is kept for the whole batch. Without a place it lives in a thread's scratch
    /// memory until the next layer has read it.
    let y: UnsafeMutablePointer<Float>?
    /// Where the layer's notes for the backward pass are kept.
    var notes: UnsafeMutablePointer<UInt8>?
    var noteBytes = 0
    var workspace: UnsafeMutablePointer<Float>?

    fileprivate init(_ layer: Kind, _ place: Place, capacity: Int, arena: Arena) {
      self.layer = layer
      input = place.input.with(examples: capacity)
      output = place.output.with(examples: capacity)
      needsInputGradient = place.needsInputGradient
      y = place.keepsOutput ? arena.floats(output.count) : nil
    }
  }

  typealias ExampleStep = Step<any ExampleLayer>
  typealias BatchStep = Step<any BatchLayer>

  /// Steps that one thread takes a few examples through at a time, or one step on the whole batch.
  enum Unit {
    case examples([ExampleStep], microBatch: Int)
    case batch(BatchStep)

    /// The shape that the unit reads.
    var input: Shape {
      switch self {
      case .examples(let steps, _): steps[0].input
      case .batch(let step): step.input
      }
    }

    /// The shape that the unit gives, and where it is kept.
    var output: Tensor {
      switch self {
      case .examples(let steps, _): Tensor(steps.last!.output, at: steps.last!.y!)
      case .batch(let step): Tensor(step.output, at: step.y!)
      }
    }

    /// Whether the backward pass must give the gradient by the unit's input.
    var needsInputGradient: Bool {
      switch self {
      case .examples(let steps, _): steps[0].needsInputGradient
      case .batch(let step): step.needsInputGradient
      }
    }

    var isTrained: Bool {
      switch self {
      case .examples(let steps, _): steps.contains { $0.layer.isTrained }
      case .batch(let step): step.layer.isTrained
      }
    }
  }

  /// The activations that a thread holds at once should take up no more than this: a part of the
  /// second-level cache of any processor of the last ten years.
  static let microBatchBytes = 384 << 10

  let units: [Unit]
  /// Floats of scratch memory of a thread: what layers ask for, then two activations in turn.
  let layerScratch: Int
  let activationScratch: Int
  /// Elements of the largest gradient that passes between units.
  let gradientCount: Int

  /// - Parameter training: whether a backward pass will follow each forward pass.
  init(
    _ network: Sequential, capacity: Int, training: Bool,
    microBatchBytes: Int = ExecutionPlan.microBatchBytes, arena: Arena
  ) {
    var units: [Unit] = []
    var run: [ExampleStep] = []
    var layerScratch = 0
    var activation = 0
    var gradient = 0
    func endRun() {
      guard !run.isEmpty else { return }
      let bytes = run.reduce(run[0].input.countPerExample) { $0 + $1.output.countPerExample } * 4
      let microBatch = min(max(1, microBatchBytes / bytes), capacity)
      let largest = run.map { max($0.input.countPerExample, $0.output.countPerExample) }.max()!
      activation = max(activation, largest * microBatch)
      gradient = max(gradient, run[0].input.count, run.last!.output.count)
      units.append(.examples(run, microBatch: microBatch))
      run = []
    }
    for place in Self.places(network, training: training) {
      switch place.layer {
      case let layer as any ExampleLayer:
        var step = ExampleStep(layer, place, capacity: capacity, arena: arena)
        layerScratch = max(layerScratch, layer.scratchCount(for: step.input))
        step.noteBytes = training ? layer.noteBytes(for: step.input) : 0
        if step.noteBytes > 0 { step.notes = arena.bytes(step.noteBytes * capacity) }
        if training { for parameter in layer.parameters { parameter.prepareLanes() } }
        run.append(step)
      case let layer as any BatchLayer:
        endRun()
        var step = BatchStep(layer, place, capacity: capacity, arena: arena)
        layerScratch = max(layerScratch, layer.scratchCount(for: step.input))
        step.workspace = arena.floats(layer.workspaceCount(for: step.input))
        gradient = max(gradient, step.input.count, step.output.count)
        units.append(.batch(step))
      default: preconditionFailure("\(place.layer.name) is no kind of layer that can be executed")
      }
    }
    endRun()
    self.units = units
    self.layerScratch = (layerScratch + 31) / 16 * 16
    activationScratch = (activation + 31) / 16 * 16
    gradientCount = gradient
  }

  /// What the network says of one layer's place.
  fileprivate struct Place {
    let layer: any Layer
    let input: Shape
    let output: Shape
    let keepsOutput: Bool
    let needsInputGradient: Bool
  }

  private static func places(_ network: Sequential, training: Bool) -> [Place] {
    let executed = network.layers.indices.filter { !(network.layers[$0] is any ViewLayer) }
    let firstWithParameters =
      executed.first { network.layers[$0].isTrained } ?? network.layers.count
    return executed.enumerated().map { position, index in
      let layer = network.layers[index]
      let next = position + 1 < executed.count ? network.layers[executed[position + 1]] : nil
      let endsUnit = next == nil || layer is any BatchLayer || next is any BatchLayer
      let readLater =
        training && (layer.backwardReadsOutput || next?.backwardReadsInput ?? false)
      return Place(
        layer: layer, input: network.inputShape(ofLayer: index),
        output: network.outputShapes[index], keepsOutput: endsUnit || readLater,
        needsInputGradient: index > firstWithParameters)
    }
  }
}
