import Tensors
import Testing

@testable import Datasets

@Suite struct ElasticFieldTests {
  private func bent(
    _ image: SmallImage, _ controls: [Int], map: AffineMap = AffineMap()
  ) -> [UInt8] {
    let field = ElasticField(height: image.height, width: image.width)
    return image.changed { target, source in
      controls.withUnsafeBufferPointer {
        target.resample(source, by: map, bend: (field, $0.baseAddress!))
      }
    }
  }

  /// The displacement of every pixel, in pixels.
  private func displacements(_ field: ElasticField, _ controls: [Int]) -> [(dy: Double, dx: Double)]
  {
    var line = [Int](repeating: 0, count: 2 * ElasticField.controls)
    return (0..<field.height).flatMap { row in
      field.combine(controls, row: row, into: &line)
      return (0..<field.width).map { column in
        let (dy, dx) = field.displacement(line, column: column)
        return (Double(dy) / 65_536, Double(dx) / 65_536)
      }
    }
  }

  private func drawn(_ field: ElasticField, _ part: Double, seed: Int) -> [Int] {
    var random = Random(seed: UInt64(seed), domain: .augmentation, index: 0, epoch: 0, part: 14)
    var controls = [Int](repeating: 0, count: ElasticField.controlCount)
    field.draw(upTo: part, &random, into: &controls)
    return controls
  }

  /// In the middle of a cell the weights are 1/48, 23/48, 23/48 and 1/48: a row of four pixels has its four middles.
  @Test func weightsOfTheMiddleOfACell() {
    let field = ElasticField(height: 4, width: 1)
    for row in 0..<4 {
      #expect(ElasticField.cell(row, extent: 4) == row)
      #expect(Array(field.rowWeights[4 * row..<4 * row + 4]) == [1365, 31403, 31403, 1365])
    }
    // The only column lies between the second and the third cell, at a control point.
    #expect(ElasticField.cell(0, extent: 1) == 2)
    #expect(field.columnWeights == [10923, 43690, 10923, 0])
  }

  @Test(arguments: [1, 2, 3, 5, 8, 28, 31, 32, 96, 1024])
  func weightsAddUpToOne(_ extent: Int) {
    let field = ElasticField(height: extent, width: 1)
    #expect(field.rowWeights.allSatisfy { $0 >= 0 })
    for row in 0..<extent {
      #expect(field.rowWeights[4 * row..<4 * row + 4].reduce(0, +) == ElasticField.one)
      #expect((0..<ElasticField.cells).contains(ElasticField.cell(row, extent: extent)))
    }
  }

  /// Equal control points move the image as a whole.
  @Test func equalDisplacementsAreAShift() {
    let image = SmallImage.random(9, 12, 3, seed: 5)
    for (dy, dx) in [(0.0, 0.0), (1, 2), (-2.5, 0.25)] {
      let controls = (0..<ElasticField.controlCount).map {
        Int(($0 % 2 == 0 ? dy : dx) * 65_536)
      }
      let shifted = image.changed { $0.resample($1, by: .shift(dy: -dy, dx: -dx)) }
      #expect(bent(image, controls) == shifted)
    }
  }

  /// The pixel at p′ has the value of the mapped image at p′ + f(p′).
  @Test func theMapComesFirst() {
    let image = SmallImage.random(8, 8, 1, seed: 6)
    // One pixel down in the new image.
    let down = (0..<ElasticField.controlCount).map { $0 % 2 == 0 ? 65_536 : 0 }
    let turned = image.changed { $0.resample($1, by: .rotation(degrees: 90)) }
    let expected = SmallImage(8, 8, turned).changed { $0.translate($1, dy: -1, dx: 0, .zero) }
    #expect(bent(image, down, map: .rotation(degrees: 90)) == expected)
  }

  /// The formula in Double, with the weights of the definition.
  @Test func followsTheFormula() {
    let field = ElasticField(height: 20, width: 28)
    let controls = drawn(field, 0.1, seed: 3)
    func weights(_ index: Int, _ extent: Int) -> [Double] {
      let place = (Double(index) + 0.5) * 4 / Double(extent)
      let t = place - place.rounded(.down)
      return [
        (1 - t) * (1 - t) * (1 - t) / 6, (3 * t * t * t - 6 * t * t + 4) / 6,
        (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6, t * t * t / 6,
      ]
    }
    for (pixel, found) in displacements(field, controls).enumerated() {
      let (row, column) = (pixel / 28, pixel % 28)
      var (dy, dx) = (0.0, 0.0)
      for (a, rowWeight) in weights(row, 20).enumerated() {
        for (b, columnWeight) in weights(column, 28).enumerated() {
          let point = 7 * ((2 * row + 1) * 4 / 40 + a) + (2 * column + 1) * 4 / 56 + b
          dy += rowWeight * columnWeight * Double(controls[2 * point]) / 65_536
          dx += rowWeight * columnWeight * Double(controls[2 * point + 1]) / 65_536
        }
      }
      #expect(abs(found.dy - dy) < 1e-3 && abs(found.dx - dx) < 1e-3)
    }
  }

  /// No pixel moves further than the limit, neighbors move nearly alike, and both signs occur.
  @Test func drawnFieldsAreSmoothAndLimited() {
    let field = ElasticField(height: 28, width: 28)
    var sum = 0.0
    for seed in 0..<200 {
      let moves = displacements(field, drawn(field, 0.1, seed: seed))
      #expect(moves.allSatisfy { abs($0.dy) <= 2.8 && abs($0.dx) <= 2.8 })
      for (a, b) in zip(moves, moves.dropFirst()).enumerated().filter({ $0.offset % 28 < 27 })
        .map(\.element)
      {
        #expect(abs(a.dy - b.dy) < 0.8)
      }
      sum += moves[14 * 28 + 14].dy
    }
    #expect(abs(sum / 200) < 0.3)
  }

  /// The coordinates of sixty zooms would overflow, were they not limited.
  @Test func extremeMapsDoNotStopTheProgram() throws {
    let images = ImageSet.random(1, 9, 9)
    let text = Array(repeating: "zoom(0.9)", count: 60).joined(separator: " ") + " elastic(0.5)"
    let augmenter = try Augmenter(text, of: images)
    for epoch in 0..<50 { #expect(augmenter.bytes(0, epoch).count == 81) }
  }
}
