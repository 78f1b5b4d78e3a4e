import Layers
import Textbook

extension SiLU: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> { lectureFunction(silu, siluBackward) }
}
extension SiLU.Specification: CheckedSpecification {}
