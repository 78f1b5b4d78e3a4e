import GradientChecking
import Layers
import Tensors

/// What a layer alone makes of a case of a fixture, run by the executor.
typealias ProbedLayer = FastLayerRun

extension FastLayerRun {
  init(_ layer: any Layer, x: StoredExamples, dy: StoredExamples, _ context: Context) throws {
    try self.init([layer], x: x.values, shape: x.shape, dy: dy.values, context)
  }
}
