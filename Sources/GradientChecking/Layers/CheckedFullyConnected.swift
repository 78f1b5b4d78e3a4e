import Layers
import Textbook

extension FullyConnected: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    LectureEach(
      LectureFullyConnected(
        Matrix(shape: weight.layout.storedShape, elements: weight.exactValues),
        biasVector(bias, outputs)))
  }
}

extension FullyConnected.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("fc(\(draw.number(1...6)))", on: draw.image()) { ["bias=\($0.yesOrNo)"] }
  }
}
