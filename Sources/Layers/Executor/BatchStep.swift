import Tensors

/// A layer that takes the whole batch, with the layers around it that compute one example at a time.
struct BatchStep {
  let layer: any BatchLayer
  /// Layers in front of it that compute each input when it is read. Only a ``StreamingLayer`` has one.
  let prologue: ExampleRun?
  /// Layers behind it that take each output when it is complete. Only a ``StreamingLayer`` has one.
  let epilogue: ExampleRun?
  /// The input of the prologue, or else of the layer.
  let input: Tensor
  /// The shapes of the layer's own input and output, for the whole capacity.
  let layerInput: Shape
  let layerOutput: Shape
  /// Whether the backward pass must give the gradient with respect to the layer's input.
  let needsInputGradient: Bool
  let y: Output
  /// Memory that all threads share during the layer's pass.
  let sharedScratch: UnsafeMutablePointer<Float>

  /// Where the layer's own outputs lie.
  enum Output {
    /// For the whole batch.
    case stored(Tensor)
    /// In a thread's memory, until the epilogue has read them: a ring of so many examples.
    case ring(examples: Int)
  }

  /// The layer's own output, if it is stored.
  var storedOutput: Tensor? {
    if case .stored(let y) = y { y } else { nil }
  }

  /// The output behind the epilogue, for the whole capacity.
  var output: Tensor {
    guard let output = epilogue == nil ? storedOutput : epilogue?.output else {
      preconditionFailure("\(layer.name): its output is not stored")
    }
    return output
  }
}
