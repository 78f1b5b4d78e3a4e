import Layers
import Networks
import Tensors
import Terminal
import Textbook

/// The lecture's worked exercise (row L12), step by step. The Textbook computes every tensor in
/// double, and the fast layers compute it in single precision.
public struct ExerciseWalk {
  /// A tensor from the Textbook and from the fast layers, in PyTorch's order.
  public struct Step: Sendable {
    public let name: String
    public let shape: [Int]
    public let textbook: [Double]
    public let fast: [Double]

    /// The maximum absolute difference between the two.
    public var difference: Double {
      zip(textbook, fast).reduce(0) { worst, pair in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
      }
    }
  }

  /// The tensors from the image to the loss, and back to the image.
  public let steps: [Step]
  /// True if the fast layers compute the same tensors: exactly, except for the rounded loss.
  public var agrees: Bool { steps.allSatisfy { $0.difference <= ($0.name == "L" ? 1e-7 : 0) } }

  private let exercise = WorkedExercise<Double>()

  public init(_ context: Context) {
    let exercise = exercise
    let fast = Self.fastTensors(exercise, context)
    func step(_ name: String, _ shape: [Int], _ elements: [Double]) -> Step {
      guard let values = fast[name] else { preconditionFailure("exercise: no \(name)") }
      return Step(name: name, shape: shape, textbook: elements, fast: values)
    }
    steps = [
      step("f", exercise.f.shape, exercise.f.elements),
      step("r", exercise.r.shape, exercise.r.elements),
      step("h", exercise.h.shape, exercise.h.elements),
      step("s", exercise.s.shape, exercise.s.elements),
      step("L", [], [exercise.loss]),
      step("∂L/∂s", exercise.ds.shape, exercise.ds.elements),
      step("∂L/∂W", exercise.dW.shape, exercise.dW.elements),
      step("∂L/∂h", exercise.dh.shape, exercise.dh.elements),
      step("∂L/∂r", exercise.dr.shape, exercise.dr.elements),
      step("∂L/∂f", exercise.df.shape, exercise.df.elements),
      step("∂L/∂w", exercise.dw.shape, exercise.dw.elements),
      step("∂L/∂x", exercise.dx.shape, exercise.dx.elements),
    ]
  }

  /// The same tensors from the fast layers. Each layer runs alone, forward and then backward.
  private static func fastTensors(
    _ exercise: WorkedExercise<Double>, _ context: Context
  ) -> [String: [Double]] {
    guard
      let network = try? Architecture(
        "conv(2,3,padding=valid,bias=no) relu globalmax fc(classes,bias=no)"
      ).network(input: [1, 4, 4, 1], classes: 2)
    else { preconditionFailure("exercise: its network is one") }
    network.parameters[0].setValues(stored: exercise.w.elements.map(Float.init))
    network.parameters[1].setValues(stored: exercise.weights.elements.map(Float.init))

    var activations = [channelsLast([exercise.x])]
    func run(_ index: Int, dy: [Float]? = nil) -> FastLayerRun {
      guard
        let run = try? FastLayerRun(
          [network.layers[index]], x: activations[index],
          shape: network.inputShape(ofLayer: index), dy: dy, context)
      else { preconditionFailure("exercise: its layers fit") }
      return run
    }
    for index in network.layers.indices { activations.append(run(index).y) }

    let arena = Arena()
    let z = arena.tensor([1, 2])
    _ = z.elements.update(fromContentsOf: activations[4])
    let dz = arena.tensor([1, 2])
    let losses = arena.values(of: Double.self, 1)
    [Int32(exercise.y)].withUnsafeBufferPointer {
      SoftmaxCrossEntropy.evaluate(
        z, labels: $0.baseAddress!, batchSize: 1, losses: losses, dz: dz, in: context)
    }

    let scores = run(3, dy: Array(dz.elements))
    let maximum = run(2, dy: scores.dx)
    let hinge = run(1, dy: maximum.dx)
    let convolution = run(0, dy: hinge.dx)
    func doubles(_ values: [Float]) -> [Double] { values.map(Double.init) }
    func image(_ values: [Float], like model: Volume<Double>) -> [Double] {
      volumes(values, like: [model])[0].elements
    }
    return [
      "f": image(activations[1], like: exercise.f),
      "r": image(activations[2], like: exercise.r),
      "h": doubles(activations[3]), "s": doubles(activations[4]), "L": [losses[0]],
      "∂L/∂s": doubles(Array(dz.elements)), "∂L/∂W": doubles(scores.gradients[0]),
      "∂L/∂h": doubles(scores.dx), "∂L/∂r": image(maximum.dx, like: exercise.r),
      "∂L/∂f": image(hinge.dx, like: exercise.f), "∂L/∂w": doubles(convolution.gradients[0]),
      "∂L/∂x": image(convolution.dx, like: exercise.x),
    ]
  }

  /// All steps as text, as on a blackboard.
  public var text: String {
    let e = exercise
    let w = e.w - 0.1 * e.dw
    let after = globalMaxPooling(relu(convolution2D(e.x, w, [0, 0], padding: 0)))
    var table = TextTable([
      .init("tensor"), .init("elements", .right), .init("greatest difference", .right),
    ])
    for step in steps {
      table.add([
        step.name, "\(step.textbook.count)", Format.significant(step.difference, digits: 2),
      ])
    }
    guard let fast = steps.first(where: { $0.name == "∂L/∂w" }) else {
      preconditionFailure("exercise: no ∂L/∂w")
    }
    return """
      The lecture's exercise (row L12): a convolution of 3×3 without padding and bias, the hinge, the
      global maximum, a fully connected layer without bias, softmax. Wanted: the gradients of the
      negative log-likelihood of class y = \(e.y + 1). Places and classes count from 1.

      FORWARD

      the image
      \(Figure("x", e.x).text)
      the kernels, and the weights of the fully connected layer
      \(Figure("w", e.w).text)
      \(Figure([("W", e.weights)]).text)
      convolution: f = w ⋆ x
      \(Figure("f", e.f).text)
      hinge: r = max(0, f)
      \(Figure("r", e.r).text)
      global maximum: h = max r; both maps reach it twice, and the first place counts
      \(Figure("h", e.h).text)
      scores: s = W·h
      \(Figure("s", e.s).text)
      softmax: p = eˢ / Σ eˢ
      \(Figure("p", e.probabilities).text)
      loss: L = −ln p_y = \(number(e.loss))

      BACKWARD

      ∂L/∂s = p − onehot(y)
      \(Figure("∂L/∂s", e.ds).text)
      ∂L/∂W = (∂L/∂s)ᵀ·hᵀ
      \(Figure([("∂L/∂W", e.dW)]).text)
      ∂L/∂h = ∂L/∂s·W
      \(Figure("∂L/∂h", e.dh).text)
      ∂L/∂r = ∂L/∂h · onehot(argmax r)
      \(Figure("∂L/∂r", e.dr).text)
      ∂L/∂f = ∂L/∂r ⊙ ⟦f > 0⟧
      \(Figure("∂L/∂f", e.df).text)
      ∂L/∂w = ∂L/∂f ⋆ x, the answer
      \(Figure("∂L/∂w", e.dw).text)
      ∂L/∂x = Σ flip2d(w) ⋆ pad(∂L/∂f, 2)
      \(Figure("∂L/∂x", e.dx).text)
      After a step of w ← w − 0.1·∂L/∂w branch 1 answers \(number(after[0])) instead of \
      \(number(e.h[0])), branch 2 \(number(after[1])) instead of \(number(e.h[1])).

      BY THE FAST LAYERS, in single precision

      \(Figure("∂L/∂w", Kernel(shape: fast.shape, elements: fast.fast)).text)
      \(table.text)
      """
  }
}
