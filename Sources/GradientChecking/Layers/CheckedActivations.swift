import Layers
import Textbook

extension ReLU: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> { LectureEach(LectureReLU()) }
}
extension ReLU.Specification: CheckedSpecification {}

extension GELU: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> { LectureEach(LectureGELU()) }
}
extension GELU.Specification: CheckedSpecification {}

extension Sigmoid: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    lectureFunction(sigmoid) { sigmoidBackward($0, q: sigmoid($1)) }
  }
}
extension Sigmoid.Specification: CheckedSpecification {}

extension Tanh: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    lectureFunction(hyperbolicTangent) {
      hyperbolicTangentBackward($0, q: hyperbolicTangent($1))
    }
  }
}
extension Tanh.Specification: CheckedSpecification {}

extension Dropout: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    DrawnDropout(number: number, probability: probability)
  }
}

extension Dropout.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    Specimen(notation: "dropout(0.\(draw.number(1...9)))", input: draw.image())
  }
}

extension Scale: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    let factor = Double(factor)
    return lectureFunction({ factor * $0 }, { dq, _ in factor * dq })
  }
}

extension Scale.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    Specimen(notation: "scale(1/\(draw.number(2...9)))", input: draw.image())
  }
}
