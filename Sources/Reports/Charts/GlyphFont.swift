/// The letters of charts in PNG files: the font “fixed” of X11, 9×18 pixels, in the public domain.
///
/// It has the letters of European languages, Greek and Cyrillic. Another letter is drawn as a box. SVG files
/// and pages leave letters to the reader's program.
enum GlyphFont {
  /// The distance between letters, in pixels.
  static let width = 9
  /// The height of a row, in pixels.
  static let height = 18
  /// The height above the baseline, in pixels.
  static let ascent = 14

  /// The rows of a letter, from the top. Bit 8 of a row is its left pixel.
  static func rows(of scalar: Unicode.Scalar) -> [UInt16] {
    glyphs[scalar.value] ?? glyphs[0x25A1]!
  }

  /// The letters of `text`, without marks that follow a letter and have no width.
  static func scalars(of text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter {
      $0.properties.generalCategory != .nonspacingMark && $0.properties.generalCategory != .format
    }
  }

  private static let digitsOfGlyph = 28

  private static let glyphs: [UInt32: [UInt16]] = {
    var glyphs: [UInt32: [UInt16]] = [:]
    for (first, digits) in ranges {
      let values = digits.utf8.map(value)
      for start in stride(from: 0, to: values.count, by: digitsOfGlyph) {
        glyphs[first + UInt32(start / digitsOfGlyph)] = rows(
          values[start..<start + digitsOfGlyph])
      }
    }
    return glyphs
  }()

  /// The rows in the digits of a glyph, each of 6 bits.
  private static func rows(_ digits: ArraySlice<UInt16>) -> [UInt16] {
    let bits = digits.flatMap { digit in (0..<6).map { (digit >> (5 - $0)) & 1 } }
    return (0..<height).map { row in
      bits[row * width..<(row + 1) * width].reduce(0) { $0 << 1 | $1 }
    }
  }

  /// The value of a digit of base64.
  private static func value(_ digit: UInt8) -> UInt16 {
    switch digit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt16(digit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt16(digit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(digit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    default: 63
    }
  }
}
