import Layers
import Textbook

extension BatchNormalization: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    LectureBatchNormalization(
      scale: Vector(weight.exactValues), shift: Vector(bias.exactValues), epsilon: epsilon)
  }
}

extension BatchNormalization.Specification: CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(notation: "bn(epsilon=0.01)", input: [3, 4, 5, 2]),
      Specimen(notation: "bn(scale=no)", input: [2, 3, 2, 3]),
      Specimen(notation: "bn", input: [4, 1, 1, 5]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("bn", on: draw.image(examples: 2...4)) {
      ["epsilon=\($0.oneOf("1e-05", "0.01"))", "scale=\($0.yesOrNo)"]
    }
  }
}
