/// Colors for numbers from 0 to 1, in equal steps between which colors are mixed.
struct ColorMap: Sendable {
  typealias Color = ChartStyle.Color

  private let anchors: [Color]

  init(_ codes: [UInt32]) { anchors = codes.map { Color($0) } }

  /// The color of a number; those below 0 and above 1 have the colors of the ends, and a NaN has that of 0.
  func color(at number: Double) -> Color {
    let place = (number > 0 ? min(number, 1) : 0) * Double(anchors.count - 1)
    let first = min(Int(place), anchors.count - 2)
    return Self.mix(anchors[first], anchors[first + 1], place - Double(first))
  }

  /// A color between two, at `part` of the way from the first.
  static func mix(_ a: Color, _ b: Color, _ part: Double) -> Color {
    func channel(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8((Double(a) + part * (Double(b) - Double(a))).rounded())
    }
    return Color(
      red: channel(a.red, b.red), green: channel(a.green, b.green), blue: channel(a.blue, b.blue))
  }

  /// The color of class `label`; colors repeat after twenty classes.
  static func category(_ label: Int) -> Color { Color(categories[label % categories.count]) }
}

/// The colors of a range of values: from dark to light if no value is below 0, else from blue for negative
/// values to orange for positive ones, with equal extents to both sides of 0.
struct ValueScale {
  let lowest: Double
  let highest: Double
  let isDiverging: Bool
  private let map: ColorMap

  init(_ values: [Float]) {
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for value in values where value.isFinite {
      least = min(least, Double(value))
      greatest = max(greatest, Double(value))
    }
    if least > greatest { (least, greatest) = (0, 0) }
    isDiverging = least < 0
    if isDiverging {
      let extent = max(-least, greatest)
      (lowest, highest) = (-extent, extent)
      map = .diverging
    } else {
      (lowest, highest) = (0, greatest)
      map = .sequential
    }
  }

  /// The place of a value in the range, from 0 to 1.
  func position(of value: Double) -> Double {
    highest > lowest ? (value - lowest) / (highest - lowest) : isDiverging ? 0.5 : 0
  }

  func color(of value: Float) -> ChartStyle.Color {
    map.color(at: position(of: Double(value)))
  }

  /// How much a value stands out, from 0 to 1.
  func weight(of value: Float) -> Double {
    let position = position(of: Double(value))
    return min(1, max(0, isDiverging ? (2 * position - 1).magnitude : position))
  }
}
