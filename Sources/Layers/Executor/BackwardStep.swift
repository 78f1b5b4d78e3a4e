import Tensors

/// One step of the backward pass: it reads the gradient with respect to an activation, and stores the
/// gradient with respect to an earlier one, unless no step reads that or later steps recompute it.
enum BackwardStep {
  /// Takes chunks back through the layers of a run. Their parameter gradients are summed by
  /// lanes. If the run begins with batch normalization, the step also completes that layer's sums
  /// of gradients.
  ///
  /// `dx` is the gradient with respect to the run's input, or to the output of the batch normalization
  /// at its beginning. It is nil if no step reads it, or if later steps recompute it
  /// (``GradientSource/throughRun``).
  case run(ExampleRun, dy: GradientSource, dx: Tensor?)
  /// Stores the gradients for the whole batch, for a layer that reads them more than once.
  case store(dy: GradientSource, dx: Tensor)
  /// The backward pass of a layer of the whole batch.
  case layer(BatchStep, dy: GradientSource, dx: Tensor?)
}

/// Plans the backward pass from the last unit to the first: where each gradient comes from, and
/// where it is stored.
///
/// At any time one gradient of the whole batch is stored, in one of two blocks of memory. A step
/// that stores a new gradient writes it into the other block.
struct BackwardBuilder {
  private var block: UnsafeMutablePointer<Float>
  private var otherBlock: UnsafeMutablePointer<Float>
  private let mayRepeat: Bool
  private var steps: [BackwardStep] = []

  /// - Parameter mayRepeat: true if a layer that shrinks its input, behind batch normalization, runs
  ///   backward twice instead of storing its result: max or global average pooling.
  init(
    _ block: UnsafeMutablePointer<Float>, _ otherBlock: UnsafeMutablePointer<Float>,
    mayRepeat: Bool
  ) {
    (self.block, self.otherBlock) = (block, otherBlock)
    self.mayRepeat = mayRepeat
  }

  /// The block that holds the stored gradient.
  func current(_ shape: Shape) -> Tensor { Tensor(shape, at: block) }

  /// The other block, which holds the stored gradient from now on.
  private mutating func nextBlock(_ shape: Shape) -> Tensor {
    swap(&block, &otherBlock)
    return current(shape)
  }

  mutating func steps(of units: [ExecutionPlan.Unit], _ outputGradient: Tensor) -> [BackwardStep] {
    var dy = GradientSource.stored(outputGradient)
    for unit in units.reversed() {
      guard let dx = plan(unit, from: dy) else { break }
      dy = dx
    }
    return steps
  }

  /// - Returns: where the gradient with respect to the unit's input comes from; nil if it has none.
  private mutating func plan(_ unit: ExecutionPlan.Unit, from dy: GradientSource) -> GradientSource?
  {
    switch unit {
    case .run(let run): return plan(run, from: dy)
    case .batch(let step):
      guard let dx = plan(step, from: dy) else { return nil }
      guard let prologue = step.prologue else { return dx }
      return plan(prologue, from: dx)
    }
  }

  private mutating func plan(_ run: ExampleRun, from dy: GradientSource) -> GradientSource? {
    guard run.givesGradient || run.steps.contains(where: { $0.layer.isTrained }) else { return nil }
    let result: GradientSource?
    if run.backwardLayers.isEmpty && dy.isStored {
      // Batch normalization alone: this step only sums the gradients.
      steps.append(.run(run, dy: dy, dx: nil))
      result = dy
    } else if dy.isStored && repeatsLastLayer(run) {
      steps.append(.run(run, dy: dy, dx: nil))
      result = .throughRun(run, dy)
    } else if run.givesGradient {
      let dx = nextBlock(run.gradientShape)
      steps.append(.run(run, dy: dy, dx: dx))
      result = .stored(dx)
    } else {
      steps.append(.run(run, dy: dy, dx: nil))
      result = nil
    }
    guard let result, let statistics = run.statistics, let x = run.input else { return result }
    return .throughNormalization(statistics, x: x, result)
  }

  private mutating func plan(_ step: BatchStep, from dy: GradientSource) -> GradientSource? {
    guard step.needsInputGradient || step.layer.isTrained else { return nil }
    let streams = (step.layer as? any StreamingLayer)?.streamsGradient ?? false
    var dy = dy
    if let epilogue = step.epilogue {
      if streams {
        dy = .throughRun(epilogue, dy)
      } else if let stored = plan(epilogue, from: dy) {
        dy = stored
      }
    }
    if !streams && !dy.isStored {
      let stored = nextBlock(step.layerOutput)
      steps.append(.store(dy: dy, dx: stored))
      dy = .stored(stored)
    }
    let dx = step.needsInputGradient ? nextBlock(step.layerInput) : nil
    steps.append(.layer(step, dy: dy, dx: dx))
    return dx.map { .stored($0) }
  }

  /// True if a single layer follows the batch normalization, and it shrinks its input, as max and
  /// global average pooling do. Its result is larger than the gradient that it reads, so computing it
  /// twice costs less than storing it.
  private func repeatsLastLayer(_ run: ExampleRun) -> Bool {
    guard mayRepeat, run.statistics != nil, run.backwardLayers.count == 1,
      let step = run.steps.last
    else { return false }
    return step.layer.parameters.isEmpty && !step.layer.backwardReadsInput
      && !step.layer.backwardReadsOutput && step.output.count < step.input.count
  }
}
