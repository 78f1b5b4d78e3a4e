import Tensors

/// A layer that takes the whole batch, together with its prologue and its epilogue.
struct BatchStep {
  let layer: any BatchLayer
  /// Layers in front that compute each input when it is read. Only a ``StreamingLayer`` has a
  /// prologue.
  let prologue: ExampleRun?
  /// Layers behind that take each output when it is complete. Only a ``StreamingLayer`` has an
  /// epilogue.
  let epilogue: ExampleRun?
  /// The input of the prologue, or of the layer if there is no prologue.
  let input: Tensor
  /// The shapes of the layer's own input and output, for the whole capacity.
  let layerInput: Shape
  let layerOutput: Shape
  /// True if the backward pass must give the gradient with respect to the layer's input.
  let needsInputGradient: Bool
  let y: Output
  /// Memory that all threads share during the layer's pass.
  let sharedScratch: UnsafeMutablePointer<Float>
  /// What the layer exchanges with other processes; nil if there is one process.
  let exchange: Exchange?

  enum Exchange {
    case gathering(GatheringExchange)
    case chain(ChainExchange)
  }

  /// The memory of the layer's own outputs.
  enum Output {
    /// For the whole batch.
    case stored(Tensor)
    /// A thread's ring of this many examples, each valid until the epilogue has read it.
    case ring(examples: Int)
  }

  /// The layer's own output, if it is stored.
  var storedOutput: Tensor? {
    if case .stored(let y) = y { y } else { nil }
  }

  /// The output of the epilogue, or of the layer if there is no epilogue, for the whole capacity.
  var output: Tensor {
    guard let output = epilogue == nil ? storedOutput : epilogue?.output else {
      preconditionFailure("\(layer.name): its output is not stored")
    }
    return output
  }
}
