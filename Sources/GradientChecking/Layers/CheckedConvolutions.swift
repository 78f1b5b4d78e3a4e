import Layers
import Textbook

extension Convolution2D: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    let rows = padding.zeros(kernel: kernel.height, \.height)
    let columns = padding.zeros(kernel: kernel.width, \.width)
    return LectureEach(
      LectureConvolution(
        Kernel(
          shape: [outputChannels, inputChannels, kernel.height, kernel.width],
          elements: weight.exactValues),
        biasVector(bias, outputChannels),
        stride: Extent(stride),
        padding: Padding(
          top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)))
  }
}

extension Convolution2D.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("conv(\(draw.channels),\(draw.extent(1...4)))", on: draw.image()) {
      [
        "stride=\($0.extent(1...3))", "padding=\($0.oneOf("valid", "same", "0", "1"))",
        "bias=\($0.yesOrNo)",
      ]
    }
  }
}

extension Convolution1D.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("conv1d(\(draw.channels),\(draw.number(1...7)))", on: draw.signal()) {
      [
        "stride=\($0.number(1...3))", "padding=\($0.oneOf("valid", "same", "0", "2"))",
        "bias=\($0.yesOrNo)",
      ]
    }
  }
}

extension TransposedConvolution2D: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    LectureEach(
      LectureTransposedConvolution(
        Kernel(shape: weight.layout.storedShape, elements: weight.exactValues),
        biasVector(bias, outputChannels),
        stride: Extent(stride),
        padding: Padding(rows: padding.height, columns: padding.width),
        outputPadding: Extent(outputPadding)))
  }
}

extension TransposedConvolution2D.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("convt(\(draw.channels),\(draw.extent(1...4)))", on: draw.image()) {
      [
        "stride=\($0.extent(1...3))", "padding=\($0.extent(0...2))",
        "outpad=\($0.extent(0...2))", "bias=\($0.yesOrNo)",
      ]
    }
  }
}
