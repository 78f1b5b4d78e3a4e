import Layers
import Textbook

extension BatchNormalization: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    LectureBatchNormalization(
      scale: Vector(weight.exactValues), shift: Vector(bias.exactValues), epsilon: epsilon)
  }
}

extension BatchNormalization.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("bn", on: draw.image(examples: 2...4)) {
      ["epsilon=\($0.oneOf("1e-05", "0.01"))", "scale=\($0.yesOrNo)"]
    }
  }
}
