import Layers
import Textbook

// Volumes keep their shape, since the Textbook's fully connected layer reads them in stored order.
extension Flatten: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> { lectureFunction({ $0 }, { dq, _ in dq }) }
}
extension Flatten.Specification: CheckedSpecification {}

extension Signal: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    lectureFunction(
      { Volume(shape: [$0.channels, 1, $0.rows * $0.columns], elements: $0.elements) },
      { dq, p in Volume(shape: p.shape, elements: dq.elements) })
  }
}
extension Signal.Specification: CheckedSpecification {}

/// The ends of a block are checked together; ``LectureNetwork`` has their formulas.
extension ResidualBranch.Specification: CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(notation: "res(conv(2,3))", input: [2, 4, 3, 2]),
      Specimen(notation: "res(res(conv(3,2)) sigmoid)", input: [1, 3, 4, 3]),
      Specimen(notation: "res(conv(1,3) res(tanh res(conv(1,1))))", input: [3, 3, 3, 1]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    let input = draw.image()
    let convolution = "conv(\(input[3]),\(draw.extent(1...3)))"
    let layers = draw.oneOf(
      convolution, "tanh \(convolution)", "res(\(convolution)) sigmoid",
      "\(convolution) res(tanh res(\(convolution)))")
    return Specimen(notation: "res(\(layers))", input: input)
  }
}
