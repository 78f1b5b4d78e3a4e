import Testing

@testable import Datasets

@Suite struct AffineMapTests {
  private func resampled(_ image: SmallImage, _ map: AffineMap) -> [UInt8] {
    image.changed { $0.resample($1, by: map) }
  }

  @Test(arguments: [1, 3])
  func theIdentityChangesNothing(_ channels: Int) {
    for (height, width) in [(1, 1), (1, 2), (5, 5), (6, 9), (28, 28)] {
      let image = SmallImage.random(height, width, channels, seed: 3)
      #expect(resampled(image, AffineMap()) == image.bytes)
      #expect(resampled(image, .rotation(degrees: 0)) == image.bytes)
      #expect(resampled(image, .zoom(1)) == image.bytes)
      #expect(resampled(image, .shear(degrees: 0)) == image.bytes)
    }
  }

  /// Counterclockwise around the center, which is a pixel or lies between four pixels.
  @Test func quarterTurnsMovePixels() {
    let three = SmallImage(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(resampled(three, .rotation(degrees: 90)) == [3, 6, 9, 2, 5, 8, 1, 4, 7])
    #expect(resampled(three, .rotation(degrees: -90)) == [7, 4, 1, 8, 5, 2, 9, 6, 3])
    #expect(resampled(three, .rotation(degrees: 180)) == three.bytes.reversed())
    let two = SmallImage(2, 2, [1, 2, 3, 4])
    #expect(resampled(two, .rotation(degrees: 90)) == [2, 4, 1, 3])
  }

  @Test func shiftsByPixelsAndHalves() {
    let image = SmallImage.random(5, 6, 3, seed: 4)
    for (dy, dx) in [(0, 1), (2, -1), (-3, 4)] {
      #expect(
        resampled(image, .shift(dy: Double(dy), dx: Double(dx)))
          == image.changed { $0.translate($1, dy: dy, dx: dx, .zero) })
    }
    // Half of the left neighbor's value, and black before the first pixel.
    let row = SmallImage(1, 4, [10, 20, 41, 200])
    #expect(resampled(row, .shift(dy: 0, dx: 0.5)) == [5, 15, 31, 121])
    #expect(resampled(row, .shift(dy: 0.25, dx: 0)) == [8, 15, 31, 150])
  }

  /// The middle two pixels of a row of four, enlarged twice: coordinates 0.75, 1.25, 1.75 and 2.25.
  @Test func zoomEnlargesAroundTheCenter() {
    let image = SmallImage(1, 4, [0, 100, 200, 40])
    #expect(resampled(image, .zoom(2)) == [75, 125, 175, 160])
  }

  /// 45° moves the row above the center left by one pixel and the row below right by one.
  @Test func shearMovesRowsByTheirDistanceFromTheCenter() {
    let three = SmallImage(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(resampled(three, .shear(degrees: 45)) == [2, 3, 0, 4, 5, 6, 0, 7, 8])
  }

  @Test func successiveMapsAreOneMap() {
    let turned = AffineMap.rotation(degrees: 20).followed(by: .rotation(degrees: 25))
    let whole = AffineMap.rotation(degrees: 45)
    for path in [\AffineMap.xx, \.xy, \.yx, \.yy, \.x0, \.y0] {
      #expect(abs(turned[keyPath: path] - whole[keyPath: path]) < 1e-15)
    }
    // Moving right and then rotating by 90° equals rotating and then moving up.
    let moved = AffineMap.shift(dy: 0, dx: 3).followed(by: .rotation(degrees: 90))
    #expect(moved == AffineMap.rotation(degrees: 90).followed(by: .shift(dy: -3, dx: 0)))
    let image = SmallImage.random(9, 9, 1, seed: 6)
    #expect(
      resampled(image, moved)
        == resampled(
          SmallImage(9, 9, resampled(image, .shift(dy: 0, dx: 3))), .rotation(degrees: 90)))
    // Here the enlargement comes first: 1 becomes 2, and then 5.
    let zoomed = AffineMap.zoom(2).followed(by: .shift(dy: 0, dx: 3))
    #expect(zoomed.xx * 5 + zoomed.x0 == 1)
  }

  /// Bilinear interpolation by its formula in Double.
  @Test(arguments: [(28, 28, 1), (32, 32, 3), (7, 12, 3)])
  func followsTheFormula(_ shape: (height: Int, width: Int, channels: Int)) {
    let (height, width, channels) = shape
    var random = TestNumbers(seed: 7)
    var different = 0
    for trial in 0..<40 {
      let image = SmallImage.random(height, width, channels, seed: UInt64(trial))
      let map = AffineMap.rotation(degrees: Double.random(in: -180...180, using: &random))
        .followed(by: .zoom(Double.random(in: 0.5...2, using: &random)))
        .followed(by: .shear(degrees: Double.random(in: -40...40, using: &random)))
        .followed(
          by: .shift(
            dy: Double.random(in: -4...4, using: &random),
            dx: Double.random(in: -4...4, using: &random)))
      let found = resampled(image, map)
      for y in 0..<height {
        for x in 0..<width {
          let fromMiddle = (
            x: Double(x) - Double(width - 1) / 2, y: Double(y) - Double(height - 1) / 2
          )
          let sourceX =
            map.xx * fromMiddle.x + map.xy * fromMiddle.y + map.x0 + Double(width - 1) / 2
          let sourceY =
            map.yx * fromMiddle.x + map.yy * fromMiddle.y + map.y0 + Double(height - 1) / 2
          for channel in 0..<channels {
            var value = 0.0
            for line in 0..<height where abs(sourceY - Double(line)) < 1 {
              for column in 0..<width where abs(sourceX - Double(column)) < 1 {
                value +=
                  (1 - abs(sourceY - Double(line))) * (1 - abs(sourceX - Double(column)))
                  * Double(image.value(line, column, channel))
              }
            }
            let difference = abs(
              Double(found[(y * width + x) * channels + channel]) - value)
            // Half a level for rounding, and 1/2048 for each coordinate.
            #expect(difference <= 0.5 + 255.0 / 1024, "\(trial): \(y), \(x)")
            if difference > 0.5 { different += 1 }
          }
        }
      }
    }
    // Nearly all results are the nearest byte of the formula.
    #expect(Double(different) < 0.1 * Double(40 * height * width * channels))
  }
}
