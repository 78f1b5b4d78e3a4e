import Layers
import Textbook

extension MaxPooling: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    LectureEach(
      LectureMaxPooling(
        PoolingWindow(
          Extent(size), stride: Extent(stride), padding: Extent(padding), roundsUp: ceilMode)))
  }
}

extension MaxPooling.Specification: CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] {
    word == "pool1d"
      ? [
        Specimen(notation: "pool1d(3,2,padding=1,mode=ceil)", input: [2, 1, 8, 2]),
        Specimen(notation: "pool1d(2,3)", input: [1, 1, 9, 3]),
        Specimen(notation: "pool1d(3,mode=ceil)", input: [3, 1, 7, 1]),
      ]
      : [
        Specimen(notation: "pool(3x2,2x1,padding=1,mode=ceil)", input: [2, 6, 5, 2]),
        Specimen(notation: "pool(2,3x4)", input: [1, 6, 7, 3]),
        Specimen(notation: "pool(2x3,mode=ceil)", input: [3, 5, 5, 1]),
      ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    if word == "pool1d" {
      draw.layer("pool1d(\(draw.number(1...4)),\(draw.number(1...4)))", on: draw.signal()) {
        ["padding=\($0.number(0...2))", "mode=\($0.oneOf("floor", "ceil"))"]
      }
    } else {
      draw.layer("pool(\(draw.extent(1...3)),\(draw.extent(1...3)))", on: draw.image()) {
        ["padding=\($0.number(0...1))", "mode=\($0.oneOf("floor", "ceil"))"]
      }
    }
  }
}

extension AveragePooling: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    let window = PoolingWindow(
      Extent(size), stride: Extent(stride), padding: Extent(padding), roundsUp: ceilMode)
    let countsPadding = countsPadding
    return lectureFunction(
      { averagePooling2D($0, window, countsPadding: countsPadding) },
      { averagePooling2DBackward($0, $1, window, countsPadding: countsPadding) })
  }
}

extension AveragePooling.Specification: CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(
        notation: "avgpool(3x2,2,padding=1,mode=ceil,countpadding=no)", input: [2, 6, 5, 2]),
      Specimen(notation: "avgpool(2,3x2,padding=1,mode=ceil)", input: [1, 5, 6, 3]),
      Specimen(notation: "avgpool(1x2,2x3,countpadding=no)", input: [3, 5, 6, 1]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("avgpool(\(draw.extent(1...3)),\(draw.extent(1...3)))", on: draw.image()) {
      [
        "padding=\($0.number(0...1))", "mode=\($0.oneOf("floor", "ceil"))",
        "countpadding=\($0.yesOrNo)",
      ]
    }
  }
}

extension GlobalPooling: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    switch mode {
    case .maximum: LectureEach(LectureGlobalMaxPooling())
    case .average: LectureEach(LectureGlobalAveragePooling())
    }
  }
}

extension GlobalPooling.Specification: CheckedSpecification {
  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    Specimen(notation: word, input: draw.image())
  }
}

extension Upsampling: CheckedLayer {
  var textbookLayer: any LectureBatchLayer<Double> {
    let factor = Extent(factor)
    switch mode {
    case .nearest:
      return lectureFunction(
        { nearestUpsampling($0, factor: factor) },
        { dq, _ in nearestUpsamplingBackward(dq, factor: factor) })
    case .bilinear:
      return lectureFunction(
        { bilinearUpsampling($0, factor: factor) },
        { dq, _ in bilinearUpsamplingBackward(dq, factor: factor) })
    }
  }
}

extension Upsampling.Specification: CheckedSpecification {
  static func coveringSpecimens(of word: String) -> [Specimen] {
    [
      Specimen(notation: "upsample(2x3,mode=bilinear)", input: [2, 3, 4, 2]),
      Specimen(notation: "upsample(3x2)", input: [1, 2, 5, 3]),
      Specimen(notation: "upsample(1x2,mode=bilinear)", input: [3, 4, 1, 1]),
    ]
  }

  static func drawSpecimen(of word: String, _ draw: inout SpecimenDraw) -> Specimen {
    draw.layer("upsample(\(draw.extent(1...3)))", on: draw.image()) {
      ["mode=\($0.oneOf("nearest", "bilinear"))"]
    }
  }
}
