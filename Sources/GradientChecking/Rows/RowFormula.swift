import Layers
import Textbook

/// A formula of a lecture row, as the row writes it, for one tensor of one layer.
///
/// The Textbook's layers use formulas for any stride, padding and number of channels. The rows' own
/// formulas are less general. Where a layer's shape is one that they cover, both must agree.
struct RowFormula {
  /// The tensor that the formula computes.
  enum Result: String {
    case output
    case inputGradient = "input gradient"
    case weightGradient = "weight gradient"
    case biasGradient = "bias gradient"
  }

  /// `L10`
  let row: String
  /// The function of the Textbook: `convolution2DBackwardInput`.
  let function: String
  let result: Result
  /// The tensor's elements, given the inputs `p` and the gradients `dq` of all examples.
  let elements: (_ p: [Volume<Double>], _ dq: [Volume<Double>]) -> [Double]

  /// `q` of each example.
  static func output(
    _ row: String, _ function: String, _ q: @escaping (_ p: Volume<Double>) -> Volume<Double>
  ) -> RowFormula {
    RowFormula(row: row, function: function, result: .output) { p, _ in
      p.flatMap { q($0).elements }
    }
  }

  /// `dp` of each example.
  static func inputGradient(
    _ row: String, _ function: String,
    _ dp: @escaping (_ dq: Volume<Double>, _ p: Volume<Double>) -> Volume<Double>
  ) -> RowFormula {
    RowFormula(row: row, function: function, result: .inputGradient) { p, dq in
      zip(dq, p).flatMap { dp($0, $1).elements }
    }
  }

  /// The sum over the examples of `dw`, or of `db` if `result` says so.
  static func parameterGradient<G: Grid<Double>>(
    _ row: String, _ function: String, _ result: Result = .weightGradient,
    _ gradient: @escaping (_ dq: Volume<Double>, _ p: Volume<Double>) -> G
  ) -> RowFormula {
    RowFormula(row: row, function: function, result: result) { p, dq in
      let gradients = zip(dq, p).map { gradient($0, $1) }
      return gradients.dropFirst().reduce(gradients[0], +).elements
    }
  }
}

extension LectureNetwork {
  /// Compares the formulas of lecture rows with the Textbook's layers, in double, on the values of a pass.
  func compareRowFormulas(_ base: Pass) -> [TensorCheck] {
    steps.indices.flatMap { index -> [TensorCheck] in
      let step = steps[index]
      guard let layer = step.layer as? any CheckedLayer else { return [] }
      let p = base.activations[index]
      let dq = base.gradients[index + 1]
      return layer.rowFormulas(input: Extent(p[0].rows, p[0].columns)).map { formula in
        let (shape, expected) = tensor(formula.result, ofLayer: index, base)
        return rowCheck(
          index, p.count, "\(formula.row) \(formula.function)", shape, formula.elements(p, dq),
          expected)
      } + upsampledConvolution(index, base)
    }
  }

  /// The extents and the elements of a tensor by the Textbook's layer.
  private func tensor(
    _ result: RowFormula.Result, ofLayer index: Int, _ base: Pass
  ) -> (shape: [Int], elements: [Double]) {
    func parameter(_ number: Int) -> ([Int], [Double]) {
      let tensor = steps[index].tensors[number]
      return (tensor.shape, Array(base.parameterGradients[index][tensor.range]))
    }
    switch result {
    case .output:
      let q = base.activations[index + 1]
      return (extents(q), q.flatMap(\.elements))
    case .inputGradient:
      let dp = base.gradients[index]
      return (extents(dp), dp.flatMap(\.elements))
    case .weightGradient: return parameter(0)
    case .biasGradient: return parameter(1)
    }
  }

  /// Row L18: upsampling and the convolution behind it, as one function.
  private func upsampledConvolution(_ index: Int, _ base: Pass) -> [TensorCheck] {
    guard index + 1 < steps.count, let upsampling = steps[index].layer as? Upsampling,
      upsampling.mode == .bilinear, let convolution = steps[index + 1].layer as? Convolution2D
    else { return [] }
    let x = base.activations[index + 1][0]
    guard let rows = ConvolutionRows(convolution, input: Extent(x.rows, x.columns)),
      rows.stride == 1
    else { return [] }
    let q = base.activations[index + 2]
    let found = base.activations[index].flatMap {
      upsampledConvolution2D(
        $0, rows.w, rows.b, factor: Extent(upsampling.factor), padding: rows.padding
      ).elements
    }
    return [
      rowCheck(
        index, q.count, "L18 upsampledConvolution2D", extents(q), found, q.flatMap(\.elements))
    ]
  }

  /// Compares the elements of a formula with those of layer number `index`.
  func rowCheck(
    _ index: Int, _ examples: Int, _ name: String, _ shape: [Int], _ found: [Double],
    _ expected: [Double]
  ) -> TensorCheck {
    // A formula that gives another number of elements is wrong in all of them.
    let found = found.count == expected.count ? found : expected.map { _ in .nan }
    let input = network.inputShape(ofLayer: index).with(examples: examples)
    return TensorCheck(
      layer: steps[index].layer.name, input: input.array, tensor: name, shape: shape,
      elements: expected.indices.map { ($0, found[$0], expected[$0]) }, floor: 1e-6,
      bound: GradientCheck.rowBound)
  }
}
