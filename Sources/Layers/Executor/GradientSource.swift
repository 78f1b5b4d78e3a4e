import Tensors

/// The source of the gradient with respect to an activation, which the plan chooses for each
/// backward step.
///
/// The gradient is either stored, or layers compute it from another source for a few examples when
/// it is read. A computed gradient needs no memory for the whole batch.
indirect enum GradientSource {
  /// Stored for the whole batch: the loss or another backward step has written it.
  case stored(Tensor)
  /// Batch normalization computes it from the gradient with respect to its output. `x` is the
  /// activation, the layer's input. The sums over the batch are complete.
  case throughNormalization(any StatisticsLayer, x: Tensor, GradientSource)
  /// The layers of a run compute it from the gradient with respect to the run's output: the run is an
  /// epilogue, or a pooling layer that repeats its backward pass.
  case throughRun(ExampleRun, GradientSource)

  var isStored: Bool {
    if case .stored = self { true } else { false }
  }

  /// Prepares the layers that compute the gradient as it is read.
  func prepare(in context: Context) {
    switch self {
    case .stored: break
    case .throughNormalization(_, _, let outputGradient): outputGradient.prepare(in: context)
    case .throughRun(let run, let outputGradient):
      run.prepareBackward(in: context)
      outputGradient.prepare(in: context)
    }
  }

  /// The gradients of some examples.
  ///
  /// - Parameter target: the destination of computed gradients; the next block of `memory` if nil.
  /// - Returns: the address of the gradients: in stored memory, or `target`.
  func read(
    _ examples: Range<Int>, into target: UnsafeMutablePointer<Float>?, in lane: Lane,
    _ memory: inout ThreadMemory
  ) -> UnsafeMutablePointer<Float> {
    switch self {
    case .stored(let dy):
      return dy.base + examples.lowerBound * dy.shape.countPerExample
    case .throughNormalization(let layer, let x, let outputGradient):
      let dx = target ?? memory.next()
      let x = x.examples(examples)
      let dy = outputGradient.read(examples, into: dx, in: lane, &memory)
      layer.sharedBackward(
        Tensor(x.shape, at: dy), into: Tensor(x.shape, at: dx), of: Pass(x: x, y: nil), in: lane)
      return dx
    case .throughRun(let run, let outputGradient):
      let dy = outputGradient.read(examples, into: nil, in: lane, &memory)
      let dx = target ?? memory.next()
      return run.backward(examples, from: dy, to: dx, in: lane, memory) ?? dx
    }
  }
}
