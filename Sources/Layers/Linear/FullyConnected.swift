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

  public func scratchCount(for input: Shape) -> Int {
    max(MatrixProduct.outerScratchCount(rows: input[0]), MatrixProduct.transposedScratchCount)
  }

  public func sharedScratchCount(for input: Shape, threads: Int) -> Int {
    max(
      MatrixProduct.productSharedScratchCount(
        rows: input[0], matrixRows: inputs, columns: outputs),
      MatrixProduct.outerSharedScratchCount(rows: input[0], columns: outputs),
      MatrixProduct.transposedSharedScratchCount(rows: input[0], columns: outputs))
  }

  public func forward(
    _ x: Tensor, into y: Tensor, sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    context.multiply(
      x.base, rows: x.shape[0], by: weight.matrix, bias: bias?.values,
      sharedScratch: sharedScratch, into: y.base)
  }

  public func backward(
    _ dy: Tensor, into dx: Tensor?, of pass: Pass, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    if isTrained {
      let (gradient, isZero) = weight.takeGradient()
      context.addOuterProduct(
        pass.input(of: self).base, dy.base, rows: dy.shape[0], to: weight.panels(at: gradient),
        isZero: isZero, sums: bias?.gradient, sharedScratch: sharedScratch)
    }
    if let dx {
      setInputGradient(
        dx, from: dy, rows: 0..<inputs, sharedScratch: sharedScratch, in: context)
    }
  }

  // MARK: Several processes

  public func setOutputs(
    _ y: Tensor, input x: Tensor, panels: Range<Int>,
    sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    context.multiply(
      x.base, rows: x.shape[0], by: weight.matrix, panels: panels, bias: bias?.values,
      sharedScratch: sharedScratch, into: y.base)
  }

  public func addGradients(
    _ dy: Tensor, input x: Tensor, rows: Range<Int>, addsBias: Bool,
    sharedScratch: UnsafeMutablePointer<Float>, in context: Context
  ) {
    context.addOuterProduct(
      x.base, dy.base, rows: dy.shape[0], to: weight.panels(at: weight.gradient),
      matrixRows: rows, sums: addsBias ? bias?.gradient : nil, sharedScratch: sharedScratch)
  }

  public func setInputGradient(
    _ dx: Tensor, from dy: Tensor, rows: Range<Int>, sharedScratch: UnsafeMutablePointer<Float>,
    in context: Context
  ) {
    context.multiply(
      dy.base, rows: dy.shape[0], byTransposed: weight.matrix, matrixRows: rows,
      sharedScratch: sharedScratch, into: dx.base)
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
