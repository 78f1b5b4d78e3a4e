import Terminal

extension Canvas {
  /// The width of a scale with its numbers, in pixels.
  static let scaleWidth = 14 + 6 + 8 * GlyphFont.width

  /// Draws a scale: a bar of all colors, with numbers at its ends and at 0.
  mutating func scale(_ scale: ValueScale, left: Int, top: Int, height: Int) {
    for row in 0..<height {
      let position = 1 - (Double(row) + 0.5) / Double(height)
      let value = scale.lowest + position * (scale.highest - scale.lowest)
      let color =
        scale.highest > scale.lowest
        ? scale.color(of: Float(value)) : scale.color(of: Float(scale.lowest))
      fill(color, left: left, top: top + row, width: 14, height: 1)
    }
    var marks = [(scale.highest, top + 12), (scale.lowest, top + height - 2)]
    if scale.isDiverging, height > 4 * GlyphFont.height { marks.append((0, top + height / 2 + 5)) }
    for (value, baseline) in marks {
      text(
        Format.significant(value, digits: 3), ChartStyle.ink.light, left: left + 20,
        baseline: baseline)
    }
  }

  /// Draws values as squares of `factor` pixels.
  ///
  /// - Parameter value: the value at a row and a column.
  mutating func values(
    height: Int, width: Int, _ scale: ValueScale, left: Int, top: Int, factor: Int,
    value: (_ row: Int, _ column: Int) -> Float
  ) {
    for row in 0..<height {
      for column in 0..<width {
        fill(
          scale.color(of: value(row, column)), left: left + column * factor,
          top: top + row * factor, width: factor, height: factor)
      }
    }
  }

  /// Draws values over an image, which becomes gray. A value is the more opaque the more it stands out.
  mutating func overlay(
    _ image: Raster, _ scale: ValueScale, left: Int, top: Int, factor: Int,
    value: (_ row: Int, _ column: Int) -> Float
  ) {
    for row in 0..<image.height {
      for column in 0..<image.width {
        let value = value(row, column)
        let gray = image.gray(row, column)
        fill(
          ColorMap.mix(
            ChartStyle.Color(red: gray, green: gray, blue: gray), scale.color(of: value),
            0.1 + 0.75 * scale.weight(of: value).squareRoot()),
          left: left + column * factor, top: top + row * factor, width: factor, height: factor)
      }
    }
  }
}

extension Raster {
  /// The gray of a pixel, by the weights of ITU-R BT.601.
  func gray(_ row: Int, _ column: Int) -> UInt8 {
    let first = (row * width + column) * channels
    guard channels == 3 else { return pixels[first] }
    let (red, green, blue) = (
      Int(pixels[first]), Int(pixels[first + 1]), Int(pixels[first + 2])
    )
    return UInt8((299 * red + 587 * green + 114 * blue + 500) / 1000)
  }
}
