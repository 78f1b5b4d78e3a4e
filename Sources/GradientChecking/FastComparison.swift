import Layers
import Tensors
import Textbook

extension LectureNetwork {
  /// Compares each fast layer, in single precision, with the Textbook's in double.
  ///
  /// Both get the same values, those of the Textbook's pass rounded to single precision, so that
  /// maxima and hinges make the same choices.
  func compareFastLayers(
    _ x: [Volume<Double>], _ objective: Objective, _ context: Context
  ) -> [TensorCheck] {
    let base = pass(rounded(x), objective)
    return steps.indices.flatMap { index -> [TensorCheck] in
      let step = steps[index]
      guard step.isAlone, !(step.layer is any ViewLayer) else { return [] }
      return compareFast(
        index...index, on: rounded(base.activations[index]), rounded(base.gradients[index + 1]),
        calling: step.layer.name, context)
    }
  }

  /// Compares the fast layers of `range`, run as a network, with the Textbook's.
  ///
  /// Differences are relative to the tensor's maximum. Those of parameter gradients are relative to
  /// the maximum of all parameter gradients, since gradients in front of batch normalization can be
  /// zero up to rounding.
  ///
  /// - Parameters:
  ///   - p: the input of the first layer, in single precision.
  ///   - dq: the gradient with respect to the output of the last layer, in single precision.
  ///   - name: the name of the layers in the rows.
  func compareFast(
    _ range: ClosedRange<Int>, on p: [Volume<Double>], _ dq: [Volume<Double>],
    calling name: String, _ context: Context
  ) -> [TensorCheck] {
    let steps = steps[range]
    let q = steps.reduce(p) { $1.lecture.forward($0) }
    let dp = steps.reversed().reduce(dq) { $1.lecture.backward($0) }
    let shape = network.inputShape(ofLayer: range.lowerBound).with(examples: p.count)
    guard
      let run = try? FastLayerRun(
        steps.map(\.layer), x: channelsLast(p), shape: shape, dy: channelsLast(dq), context)
    else { preconditionFailure("\(name) takes its input in the network") }
    func row(
      _ tensor: String, _ extents: [Int], _ found: [Double], _ expected: [Double],
      _ bound: Double, floor: Double = 0
    ) -> TensorCheck {
      TensorCheck(
        layer: name, input: shape.array, tensor: tensor, shape: extents,
        elements: found.indices.map { ($0, found[$0], expected[$0]) }, floor: floor, bound: bound)
    }
    var rows = [
      row(
        "output", extents(q), volumes(run.y, like: q).flatMap(\.elements), q.flatMap(\.elements),
        GradientCheck.forwardBound),
      row(
        "input gradient", extents(dp), volumes(run.dx, like: dp).flatMap(\.elements),
        dp.flatMap(\.elements), GradientCheck.gradientBound),
    ]
    let expected = steps.map { $0.lecture.parameterGradients.elements }
    let greatest = expected.joined().reduce(0) { max($0, abs($1)) }
    var found = run.gradients[...]
    for (step, expected) in zip(steps, expected) {
      let gradients = found.prefix(step.layer.parameters.count)
      found = found.dropFirst(gradients.count)
      // Running averages have no row, and frozen parameters have no gradient.
      let parameters = zip(step.layer.parameters, gradients).filter { $0.0.role != .running }
      for (tensor, (parameter, gradient)) in zip(step.tensors, parameters) where parameter.isTrained
      {
        rows.append(
          row(
            "\(tensor.name) gradient", tensor.shape, gradient.map(Double.init),
            Array(expected[tensor.range]), GradientCheck.gradientBound, floor: greatest))
      }
    }
    return rows
  }

  /// Compares the output of the whole fast network, with fused layers and chunks, with the
  /// Textbook's output.
  func compareFastNetwork(_ x: [Volume<Double>], _ context: Context) -> TensorCheck {
    let x = rounded(x)
    let expected = forward(from: 0, x).output
    let executor = Executor(network, capacity: x.count, training: true, context: context)
    _ = executor.input.elements.update(fromContentsOf: channelsLast(x))
    let found = volumes(
      Array(executor.forward(count: x.count, randomKey: Self.randomKey).elements), like: expected)
    return TensorCheck(
      layer: "network", input: network.inputShape.with(examples: x.count).array, tensor: "output",
      shape: extents(expected),
      elements: zip(found.flatMap(\.elements), expected.flatMap(\.elements)).enumerated().map {
        ($0, $1.0, $1.1)
      }, floor: 0, bound: GradientCheck.forwardBound)
  }
}
