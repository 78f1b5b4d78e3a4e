import GradientChecking
import Layers
import Tensors

/// The results of a single layer for a case of a fixture, run by the executor.
typealias ProbedLayer = FastLayerRun

extension FastLayerRun {
  init(_ layer: any Layer, x: StoredExamples, dy: StoredExamples, _ context: Context) throws {
    try self.init([layer], x: x.values, shape: x.shape, dy: dy.values, context)
  }
}
