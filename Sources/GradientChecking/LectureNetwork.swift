import Layers
import Tensors
import Textbook

/// A network of fast layers, and the Textbook's of the same values in double.
public struct LectureNetwork {
  /// A layer of both kinds.
  struct Step {
    let layer: any Layer
    let lecture: any LectureBatchLayer<Double>
    /// What the layer's parameters are called, their extents, and where the Textbook's layer has them.
    let tensors: [(name: String, shape: [Int], range: Range<Int>)]
    /// From which layer on a pass must be run again when this one changes: the beginning of the
    /// outermost residual block around it, which keeps what its end adds; else the layer itself.
    let restart: Int
    /// Whether the layer can be run without another one, as an end of a residual block cannot.
    let isAlone: Bool
  }

  /// A forward and a backward pass.
  struct Pass {
    /// What each layer reads; last what the last one gives.
    var activations: [[Volume<Double>]]
    /// `∂L` by each of ``activations``.
    var gradients: [[Volume<Double>]]
    /// `∂L` by the parameters of each layer.
    var parameterGradients: [[Double]]
    /// Where each layer's function was smooth.
    var pieces: [[Int]]
  }

  /// What names the random numbers of dropout, in both.
  static let randomKey = RandomKey(seed: 1, step: 0)

  public let network: Sequential
  var steps: [Step]

  /// Takes the network's values as they are.
  ///
  /// - Throws: ``GradientCheckError`` if the Textbook has no such layer.
  public init(_ network: Sequential) throws(GradientCheckError) {
    self.network = network
    var steps: [Step] = []
    var blocks: [(beginning: Int, branch: LectureBranch<Double>)] = []
    for (index, layer) in network.layers.enumerated() {
      let restart = blocks.first?.beginning ?? index
      let lecture: any LectureBatchLayer<Double>
      switch layer.residualEnd {
      case .branch:
        let branch = LectureBranch<Double>()
        blocks.append((index, branch))
        lecture = branch
      case .sum: lecture = LectureSum(of: blocks.removeLast().branch)
      case nil: lecture = try textbookLayer(of: layer)
      }
      var start = 0
      let tensors = layer.parameters.filter { $0.role != .running }.map { parameter in
        defer { start += parameter.layout.count }
        let prefix = layer.name + "."
        let name =
          parameter.name.hasPrefix(prefix)
          ? String(parameter.name.dropFirst(prefix.count)) : parameter.name
        return (name, parameter.layout.storedShape, start..<start + parameter.layout.count)
      }
      steps.append(
        Step(
          layer: layer, lecture: lecture, tensors: tensors, restart: restart,
          isAlone: layer.residualEnd == nil))
    }
    self.steps = steps
  }

  /// What the layers from number `first` on make of `activations`, and where they were smooth.
  func forward(
    from first: Int, _ activations: [Volume<Double>]
  ) -> (output: [Volume<Double>], pieces: [[Int]]) {
    var q = activations
    var pieces: [[Int]] = []
    for step in steps[first...] {
      q = step.lecture.forward(q)
      pieces.append(step.lecture.piece)
    }
    return (q, pieces)
  }

  /// Forward, the loss's gradient, and backward (lecture row L2).
  func pass(_ x: [Volume<Double>], _ objective: Objective) -> Pass {
    var activations = [x]
    var pieces: [[Int]] = []
    for step in steps {
      activations.append(step.lecture.forward(activations[activations.count - 1]))
      pieces.append(step.lecture.piece)
    }
    var gradients = [objective.gradient(activations[activations.count - 1])]
    for step in steps.reversed() {
      gradients.append(step.lecture.backward(gradients[gradients.count - 1]))
    }
    return Pass(
      activations: activations, gradients: gradients.reversed(),
      parameterGradients: steps.map { $0.lecture.parameterGradients.elements }, pieces: pieces)
  }
}

extension Sequential {
  /// Draws values for all parameters: weights as for training, but also biases and the factors of batch
  /// normalization, which start at 0 and 1 and would hide mistakes.
  public func drawForCheck(seed: UInt64) {
    initialize(seed: seed)
    for (index, parameter) in parameters.enumerated() where parameter.role != .running {
      guard case .vector(let count) = parameter.layout else { continue }
      var draw = Draw(seed: seed, index: index)
      parameter.setValues(stored: draw.uniform(count, bound: 0.5).map { parameter.start + $0 })
    }
  }
}
