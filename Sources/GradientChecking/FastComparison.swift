import Layers
import Tensors
import Textbook

extension LectureNetwork {
  /// Compares each fast layer, in single precision, with the Textbook's in double.
  ///
  /// Both get the same values, those of the Textbook's pass rounded to single precision: so maxima and
  /// hinges choose alike. Differences are relative to the greatest element; of parameters, to the
  /// greatest one of the layer's gradients, since sums behind batch normalisation are 0 but for rounding.
  ///
  /// - Parameter name: what the rows call the network instead of its layers' names.
  func compareFastLayers(
    _ x: [Volume<Double>], _ objective: Objective, calling name: String?, _ context: Context
  ) -> [TensorCheck] {
    let base = pass(rounded(x), objective)
    var rows: [TensorCheck] = []
    for (index, step) in steps.enumerated() where !(step.layer is any ViewLayer) {
      let p = rounded(base.activations[index])
      let dq = rounded(base.gradients[index + 1])
      let q = step.lecture.forward(p)
      let dp = step.lecture.backward(dq)
      let shape = network.inputShape(ofLayer: index).with(examples: x.count)
      guard
        let run = try? FastLayerRun(
          step.layer, x: channelsLast(p), shape: shape, dy: channelsLast(dq), context)
      else { preconditionFailure("\(step.layer.name) takes its input in the network") }
      func row(
        _ tensor: String, _ extents: [Int], _ found: [Double], _ expected: [Double],
        _ bound: Double,
        floor: Double = 0
      ) {
        rows.append(
          TensorCheck(
            layer: name ?? step.layer.name, input: shape.array, tensor: tensor, shape: extents,
            elements: found.indices.map { ($0, found[$0], expected[$0]) }, floor: floor,
            bound: bound))
      }
      row(
        "output", extents(q), volumes(run.y, like: q).flatMap(\.elements), q.flatMap(\.elements),
        GradientCheck.forwardBound)
      row(
        "input gradient", extents(dp), volumes(run.dx, like: dp).flatMap(\.elements),
        dp.flatMap(\.elements), GradientCheck.gradientBound)
      let gradient = step.lecture.parameterGradients.elements
      let greatest = gradient.reduce(0) { max($0, abs($1)) }
      let parameters = step.layer.parameters.filter { $0.role != .running }
      for (tensor, parameter) in zip(step.tensors, parameters) where parameter.isTrained {
        guard let place = step.layer.parameters.firstIndex(where: { $0 === parameter }) else {
          continue
        }
        row(
          "\(tensor.name) gradient", tensor.shape, run.gradients[place].map(Double.init),
          Array(gradient[tensor.range]), GradientCheck.gradientBound, floor: greatest)
      }
    }
    return rows
  }

  /// Compares the output of the whole fast network, its layers fused and in micro-batches, with the
  /// Textbook's.
  func compareFastNetwork(_ x: [Volume<Double>], _ context: Context) -> TensorCheck {
    let x = rounded(x)
    let expected = forward(from: 0, x).output
    let executor = Executor(network, capacity: x.count, training: true, context: context)
    _ = executor.input.elements.update(fromContentsOf: channelsLast(x))
    let found = volumes(
      Array(executor.forward(count: x.count, chance: Self.chance).elements), like: expected)
    return TensorCheck(
      layer: "network", input: network.inputShape.with(examples: x.count).array, tensor: "output",
      shape: extents(expected),
      elements: zip(found.flatMap(\.elements), expected.flatMap(\.elements)).enumerated().map {
        ($0, $1.0, $1.1)
      }, floor: 0, bound: GradientCheck.forwardBound)
  }
}
