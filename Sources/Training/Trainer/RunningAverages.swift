import Layers
import Tensors

/// The running averages of a network and a copy of them. A forward pass changes the averages before
/// the loss shows that the step is valid.
final class RunningAverages {
  private let parameters: [Parameter]
  private let arena = Arena()
  private let copy: UnsafeMutablePointer<Float>

  init(of network: Sequential) {
    parameters = network.parameters.filter { $0.role == .running }
    copy = arena.floats(parameters.reduce(0) { $0 + $1.memoryCount })
  }

  /// Copies the current values.
  func keep() {
    var place = copy
    for parameter in parameters {
      place.update(from: parameter.values, count: parameter.memoryCount)
      place += parameter.memoryCount
    }
  }

  /// Restores the values that were copied last.
  func restore() {
    var place = copy
    for parameter in parameters {
      parameter.values.update(from: place, count: parameter.memoryCount)
      place += parameter.memoryCount
    }
  }
}
