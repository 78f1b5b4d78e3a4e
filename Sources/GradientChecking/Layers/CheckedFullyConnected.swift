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
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(notation: "fc(5)", input: [3, 2, 3, 2]),
      Specimen(notation: "fc(1,bias=no)", input: [1, 3, 3, 1]),
      Specimen(notation: "fc(16)", input: [2, 4, 5, 3]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("fc(\(draw.number(1...6)))", on: draw.image()) { ["bias=\($0.yesOrNo)"] }
  }
}
