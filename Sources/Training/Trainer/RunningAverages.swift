import Layers
import Tensors

/// The running averages of a network, and a copy of them: a forward pass changes them before the loss
/// tells whether the step can be taken.
final class RunningAverages {
  private let parameters: [Parameter]
  private let arena = Arena()
  private let copy: UnsafeMutablePointer<Float>

  init(of network: Sequential) {
    parameters = network.parameters.filter { $0.role == .running }
    copy = arena.floats(parameters.reduce(0) { $0 + $1.memoryCount })
  }

  /// Copies the present values.
  func keep() {
    var place = copy
    for parameter in parameters {
      place.update(from: parameter.values, count: parameter.memoryCount)
      place += parameter.memoryCount
    }
  }

  /// Sets the values to those kept last.
  func restore() {
    var place = copy
    for parameter in parameters {
      parameter.values.update(from: place, count: parameter.memoryCount)
      place += parameter.memoryCount
    }
  }
}
