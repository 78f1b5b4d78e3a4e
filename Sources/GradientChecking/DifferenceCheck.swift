import Textbook

/// The Textbook's gradients against central differences, in double (lecture row L23).
///
/// A function with kinks or maxima consists of smooth pieces. An element is skipped, and counted,
/// if one of the two difference points lies on another piece.
struct DifferenceCheck {
  let lecture: LectureNetwork
  let objective: Objective
  /// The maximum number of elements to check per tensor. Larger tensors are sampled. Skipped
  /// elements are replaced by other samples, up to four times as many in total.
  let samples: Int
  /// The maximum error that passes.
  let bound: Double
  /// The name of the network in the rows; nil for the names of its layers.
  var name: String?
  /// Called with the name of the next tensor.
  var progress: (String) -> Void = { _ in }
  let draw: Draw

  /// Compares the gradients with respect to the examples `x` and all parameters.
  func rows(at x: [Volume<Double>]) -> [TensorCheck] {
    let base = lecture.pass(x, objective)
    var draw = draw
    var rows: [TensorCheck] = []
    func input(_ index: Int) -> [Int] {
      [x.count] + lecture.network.inputShape(ofLayer: index).array.dropFirst()
    }

    let byInput = compare(base.gradients[0].flatMap(\.elements), at: x.flatMap(\.elements), &draw) {
      outcome(from: 0, unflattened($0, like: x), comparedWith: base)
    }
    rows.append(row(name ?? "network", input(0), "input", extents(x), byInput))
    for (index, step) in lecture.steps.enumerated() {
      let parameters = step.lecture.parameters
      for (tensor, shape, range) in step.tensors {
        progress("\(step.layer.name) \(tensor)")
        let byParameter = compare(
          Array(base.parameterGradients[index][range]), at: Array(parameters.elements[range]),
          &draw
        ) {
          var changed = parameters
          changed.elements.replaceSubrange(range, with: $0)
          step.lecture.parameters = changed
          return outcome(
            from: step.restart, base.activations[step.restart], comparedWith: base)
        }
        rows.append(row(name ?? step.layer.name, input(index), tensor, shape, byParameter))
      }
      step.lecture.parameters = parameters
    }
    return rows
  }

  private typealias Elements = (
    compared: [(index: Int, found: Double, expected: Double)], skipped: Int
  )

  /// Compares elements of `gradient` with the differences of a function of `values`.
  private func compare(
    _ gradient: [Double], at values: [Double], _ draw: inout Draw,
    _ function: ([Double]) -> (value: Double, isSmooth: Bool)
  ) -> Elements {
    let step = 0x1p-17
    var elements: Elements = ([], 0)
    let candidates = samples < values.count ? 4 * samples : samples
    for index in draw.sample(candidates, below: values.count)
    where elements.compared.count < samples {
      var changed = values
      changed[index] = values[index] + step
      let top = changed[index]
      let above = function(changed)
      changed[index] = values[index] - step
      let below = function(changed)
      guard above.isSmooth, below.isSmooth else {
        elements.skipped += 1
        continue
      }
      elements.compared.append(
        (index, gradient[index], (above.value - below.value) / (top - changed[index])))
    }
    return elements
  }

  /// The objective if the layers from index `first` on get `activations`, and whether all of them
  /// stay on the smooth pieces of `base`.
  private func outcome(
    from first: Int, _ activations: [Volume<Double>], comparedWith base: LectureNetwork.Pass
  ) -> (value: Double, isSmooth: Bool) {
    let (output, pieces) = lecture.forward(from: first, activations)
    return (objective.value(output), pieces == Array(base.pieces[first...]))
  }

  private func row(
    _ layer: String, _ input: [Int], _ tensor: String, _ shape: [Int], _ elements: Elements
  ) -> TensorCheck {
    // Below this floor the rounding errors of the objective would dominate: about 10⁻¹⁰ of it after
    // the division.
    TensorCheck(
      layer: layer, input: input, tensor: tensor, shape: shape, elements: elements.compared,
      skipped: elements.skipped, floor: 1e-3, bound: bound)
  }
}
