import CKernels
import Tensors

/// An affine map of feature rows, `y = x·W + b`.
///
///     x  [n, inputs]         W  [inputs, outputs]
///     y  [n, outputs]        b  [outputs], or none
///
/// An input of higher rank is read as `n` rows of all its remaining elements, in memory order.
/// Behind `[n, h, w, c]` activations the features are therefore in (h, w, c) order. Files store the
/// weight as PyTorch does, `[outputs, inputs]` with columns in (c, h, w) order.
///
/// With `∂t` for `∂L/∂t` the backward pass is (lecture rows L3 and L4: row i of P is pᵢᵀ, so `xᵀ·∂y`
/// is G·P for the whole batch in one product)
///
///     ∂x = ∂y·Wᵀ        ∂W += xᵀ·∂y        ∂b += Σₙ ∂yₙ
///
/// It costs twice the forward pass's `n·inputs·outputs` multiply-adds. `∂y` is not scaled here: the
/// loss applies the mini-batch's 1/N, once.
public final class FullyConnected: GatheringLayer {
  public let name: String
  public let inputs: Int
  public let outputs: Int
  public let weight: Parameter
  public let bias: Parameter?

  /// - `image`: the extents of the flattened image, which determine the stored order.
  public init(
    _ name: String, inputs: Int, outputs: Int, image: ParameterLayout.Image? = nil,
    bias: Bool = true
  ) {
    precondition(inputs > 0 && outputs > 0, "\(name): \(inputs) inputs and \(outputs) outputs")
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    weight = Parameter(
      "\(name).weight", .fullyConnected(inputs: inputs, outputs: outputs, image: image),
      fanIn: inputs)
    self.bias =
      bias ? Parameter("\(name).bias", .vector(count: outputs), fanIn: inputs) : nil
  }

  public var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }
  public var backwardReadsInput: Bool { true }
  public var backwardReadsOutput: Bool { false }

  /// `[n, outputs]`, where `n` is the input's first extent.
  ///
  /// - Throws: ``ShapeError`` unless the rest of the input's extents multiply to ``inputs``.
  public func outputShape(for input: Shape) throws(ShapeError) -> Shape {
    guard input.rank >= 2, input.countPerExample == inputs else {
      throw ShapeError(layer: name, expected: "[n, \(inputs)]", found: input)
    }
    return [input[0], outputs]
  }

  public func multiplyAdds(for input: Shape) -> Int { inputs * outputs }

  public var pixels: Int { 1 }
  public func matrix(at memory: UnsafeMutablePointer<Float>) -> PanelMatrix {
    weight.panels(at: memory)
  }
}

// MARK: Notation

extension FullyConnected {
  package struct Specification: LayerSpecification {
    /// Nil stands for the number of the data set's classes.
    package let outputs: Int?
    let bias: Bool

    package static let words = [
      LayerWord(
        "fc", aliases: ["linear"], arguments: ["outputs", "classes"],
        options: [.init("bias", "yes|no", unlessGiven: "yes")],
        meaning: "fully connected; `classes` is the number of the data set's classes")
    ]

    package init(_ arguments: inout NotationArguments) throws(NotationError) {
      let outputs = try arguments.next("the number of outputs")
      self.outputs = outputs == "classes" ? nil : try arguments.parseNumber(outputs, "outputs")
      bias = try arguments.flag("bias", unlessGiven: true)
    }

    package var canonical: String {
      CanonicalText("fc", outputs?.notation ?? "classes").option("bias", bias, unless: true).text
    }

    package func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer {
      let inputs = builder.shape.countPerExample
      let outputs = outputs ?? builder.classes
      try builder.requireWeightFits(
        rows: [inputs], columns: outputs, otherwise: "fewer outputs, or pooling before it")
      return FullyConnected(
        builder.name("fc"), inputs: inputs, outputs: outputs, image: builder.endImage(), bias: bias)
    }
  }
}
