import Layers
import Tensors
import Textbook

/// A network of fast layers, with its counterpart of Textbook layers with the same values in
/// double.
public struct LectureNetwork {
  /// A fast layer and its Textbook layer.
  struct Step {
    let layer: any Layer
    let lecture: any LectureBatchLayer<Double>
    /// The names and extents of the layer's parameters, and their ranges in the Textbook layer.
    let tensors: [(name: String, shape: [Int], range: Range<Int>)]
    /// The index of the layer to restart from when this layer changes. It is the start of the
    /// outermost residual block around the layer, which saves the value that the block's end adds;
    /// without a block it is the layer itself.
    let restart: Int
    /// True if the layer can run alone. An end of a residual block cannot.
    let isAlone: Bool
  }

  /// The results of a forward and a backward pass.
  struct Pass {
    /// The input of each layer, and finally the output of the last one.
    var activations: [[Volume<Double>]]
    /// The gradients of the objective with respect to each of ``activations``.
    var gradients: [[Volume<Double>]]
    /// The gradients with respect to the parameters of each layer.
    var parameterGradients: [[Double]]
    /// The smooth pieces of each layer's function that the pass used.
    var pieces: [[Int]]
  }

  /// The key of dropout's random numbers, for both networks.
  static let randomKey = RandomKey(seed: 1, step: 0)

  public let network: Sequential
  var steps: [Step]

  /// Uses the network's current values.
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

  /// The output if the layers from index `first` on get `activations`, and their smooth pieces.
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

  /// Runs forward, computes the gradient of the objective, and runs backward (lecture row L2).
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
  /// Draws values for all parameters: weights as for training, and also the biases and the factors
  /// of batch normalization, whose initial values 0 and 1 would hide mistakes.
  public func drawForCheck(seed: UInt64) {
    initialize(seed: seed)
    for (index, parameter) in parameters.enumerated() where parameter.role != .running {
      guard case .vector(let count) = parameter.layout else { continue }
      var draw = Draw(seed: seed, index: index)
      parameter.setValues(stored: draw.uniform(count, bound: 0.5).map { parameter.start + $0 })
    }
  }
}
