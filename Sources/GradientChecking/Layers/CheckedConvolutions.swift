import Layers
import Textbook

extension Convolution2D: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    let rows = padding.zeros(kernel: kernel.height, \.height)
    let columns = padding.zeros(kernel: kernel.width, \.width)
    let zeros = Padding(
      top: rows.before, left: columns.before, bottom: rows.after, right: columns.after)
    let (w, b) = (
      Kernel(shape: weightShape, elements: weight.exactValues), biasVector(bias, outputChannels)
    )
    guard groups > 1 else {
      return LectureEach(LectureConvolution(w, b, stride: Extent(stride), padding: zeros))
    }
    return LectureEach(
      LectureGroupedConvolution(w, b, groups: groups, stride: Extent(stride), padding: zeros))
  }
}

extension Convolution2D.Specification: CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(notation: "conv(3,3x2,stride=2x3)", input: [2, 6, 5, 2]),
      Specimen(notation: "conv(2,2,stride=3,padding=0,bias=no)", input: [1, 6, 7, 3]),
      Specimen(notation: "conv(16,3,padding=1)", input: [3, 5, 6, 1]),
      Specimen(notation: "conv(2,4x3,padding=2x1)", input: [2, 3, 5, 2]),
      Specimen(notation: "conv(3,3,stride=2,bias=no)", input: [2, 6, 5, 2]),
      // Two blocks of several groups, groups wider than a block, and depthwise with two filters a channel.
      Specimen(notation: "conv(20,3,groups=4)", input: [2, 4, 5, 12]),
      Specimen(notation: "conv(6,3x2,stride=2x1,padding=1,groups=3,bias=no)", input: [2, 6, 5, 9]),
      Specimen(notation: "conv(34,2,groups=2)", input: [2, 3, 3, 4]),
      Specimen(notation: "conv(6,3,groups=3)", input: [2, 5, 4, 3]),
      Specimen(notation: "conv(4,5,padding=2,stride=2,groups=4)", input: [1, 6, 5, 4]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    let (input, outputs, groups) = draw.grouped(draw.image())
    return draw.layer("conv(\(outputs),\(draw.extent(1...4)))", on: input) {
      [
        "stride=\($0.extent(1...3))", "padding=\($0.oneOf("valid", "same", "0", "1"))",
        "groups=\(groups)", "bias=\($0.yesOrNo)",
      ]
    }
  }
}

extension Convolution1D.Specification: CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(notation: "conv1d(3,5)", input: [2, 1, 9, 2]),
      Specimen(notation: "conv1d(2,2,stride=3,padding=valid,bias=no)", input: [1, 1, 10, 3]),
      Specimen(notation: "conv1d(16,4,stride=2,padding=2)", input: [3, 1, 8, 1]),
      Specimen(notation: "conv1d(2,1,bias=no)", input: [2, 1, 6, 2]),
      Specimen(notation: "conv1d(6,3,groups=2)", input: [2, 1, 7, 4]),
      Specimen(notation: "conv1d(4,4,stride=2,padding=1,groups=2,bias=no)", input: [2, 1, 8, 2]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    let (input, outputs, groups) = draw.grouped(draw.signal())
    return draw.layer("conv1d(\(outputs),\(draw.number(1...7)))", on: input) {
      [
        "stride=\($0.number(1...3))", "padding=\($0.oneOf("valid", "same", "0", "2"))",
        "groups=\(groups)", "bias=\($0.yesOrNo)",
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
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(notation: "convt(3,3x4,stride=2x3,padding=1,outpad=1x2)", input: [2, 3, 4, 2]),
      Specimen(notation: "convt(2,2,stride=3,outpad=2x1)", input: [1, 3, 2, 3]),
      Specimen(notation: "convt(16,3,padding=1,bias=no)", input: [3, 4, 5, 2]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("convt(\(draw.channels),\(draw.extent(1...4)))", on: draw.image()) {
      [
        "stride=\($0.extent(1...3))", "padding=\($0.extent(0...2))",
        "outpad=\($0.extent(0...2))", "bias=\($0.yesOrNo)",
      ]
    }
  }
}
