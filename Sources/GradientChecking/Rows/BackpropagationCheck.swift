import Textbook

extension LectureNetwork {
  /// Row L2: `backpropagate` over the layers, on the first example, against the pass of the check.
  func compareBackpropagation(_ x: [Volume<Double>], _ objective: Objective) -> [TensorCheck] {
    let objective = objective.ofFirstExample
    let expected = pass([x[0]], objective)
    let expectedLoss = objective.value(expected.activations[steps.count])
    let loss: (Volume<Double>) -> (value: Double, gradient: Volume<Double>) =
      switch objective {
      case .classification(let labels): classificationLoss(labels[0])
      case .projection: { (objective.value([$0]), objective.gradient([$0])[0]) }
      }
    let (value, dx) = backpropagate(steps.map { OneExample($0.lecture) }, x[0], loss: loss)
    let gradients = steps.flatMap { $0.lecture.parameterGradients.elements }
    let expectedGradients = Array(expected.parameterGradients.joined())
    var rows = [
      rowCheck(0, 1, "L2 backpropagate: loss", [1], [value], [expectedLoss]),
      rowCheck(
        0, 1, "L2 backpropagate: input", extents([x[0]]), dx.elements,
        expected.gradients[0][0].elements),
    ]
    if !expectedGradients.isEmpty {
      rows.append(
        rowCheck(
          0, 1, "L2 backpropagate: parameters", [expectedGradients.count], gradients,
          expectedGradients))
    }
    return rows.map { $0.named("network") }
  }
}

/// A layer for mini-batches, applied to one example.
private final class OneExample: LectureLayer {
  private let layer: any LectureBatchLayer<Double>

  init(_ layer: any LectureBatchLayer<Double>) { self.layer = layer }

  func forward(_ p: Volume<Double>) -> Volume<Double> { layer.forward([p])[0] }
  func backward(_ dq: Volume<Double>) -> Volume<Double> { layer.backward([dq])[0] }
  var parameters: Vector<Double> {
    get { layer.parameters }
    set { layer.parameters = newValue }
  }
  var parameterGradients: Vector<Double> { layer.parameterGradients }
}
