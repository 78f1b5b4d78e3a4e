import Layers
import Textbook

extension DepthwiseConvolution2D: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    let rows = padding.zeros(kernel: kernel.height, \.height)
    let columns = padding.zeros(kernel: kernel.width, \.width)
    return LectureEach(
      LectureDepthwiseConvolution(
        Kernel(shape: weight.layout.storedShape, elements: weight.exactValues),
        biasVector(bias, channels),
        stride: Extent(stride),
        padding: Padding(
          top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)))
  }
}

extension DepthwiseConvolution2D.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("dwconv(\(draw.extent(1...4)))", on: draw.image()) {
      [
        "stride=\($0.extent(1...3))", "padding=\($0.oneOf("valid", "same", "0", "1"))",
        "bias=\($0.yesOrNo)",
      ]
    }
  }
}
