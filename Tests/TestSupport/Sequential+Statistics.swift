import Layers
import Tensors

extension Sequential {
  /// Draws all parameters, and the running averages of batch normalizations as those of a trained
  /// network: scales of either sign, means and shifts around 0, and variances around 1.
  package func drawStatistics(seed: UInt64) {
    initialize(seed: seed)
    var random = Random(seed: seed, domain: .benchmark)
    for case let normalization as BatchNormalization in layers {
      func draw(_ parameter: Parameter, _ value: (Float) -> Float) {
        parameter.setValues(
          stored: (0..<parameter.layout.count).map { _ in value(random.uniform()) })
      }
      if normalization.weight.isTrained {
        draw(normalization.weight) { $0 < 0.1 ? -1 : 0.5 + $0 }
      }
      draw(normalization.bias) { 2 * $0 - 1 }
      draw(normalization.runningMean) { 2 * $0 - 1 }
      draw(normalization.runningVariance) { 0.2 + 3 * $0 }
    }
  }
}
