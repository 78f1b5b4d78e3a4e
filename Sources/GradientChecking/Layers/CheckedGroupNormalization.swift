import Layers
import Textbook

extension GroupNormalization: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    LectureEach(
      LectureGroupNormalization(
        groups: groups, scale: Vector(weight.exactValues), shift: Vector(bias.exactValues),
        epsilon: epsilon))
  }
}

extension GroupNormalization.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("gn(\(draw.number(1...4)))", on: draw.image()) {
      ["epsilon=\($0.oneOf("1e-05", "0.01"))"]
    }
  }
}
