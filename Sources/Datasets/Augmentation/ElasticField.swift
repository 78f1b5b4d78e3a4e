import Tensors

/// Smooth displacements of the pixels of images of one size.
///
/// Each axis is divided into ``cells`` cells of equal size and has ``controls`` control points. The displacement of a
/// pixel is a uniform cubic B-spline over 4 × 4 of them (Unser 1999, "Splines: a perfect fit for signal and image
/// processing", equation 5):
///
///     f(i, j) = Σ_{a, b < 4} w_a(i)·w_b(j)·c[cell(i) + a, cell(j) + b]
///
/// `cell(i)` is the whole part of cells·(i + ½)/extent. With t as the rest, the weights w₀ to w₃ are (1 − t)³/6,
/// (3t³ − 6t² + 4)/6, (−3t³ + 3t² + 3t + 1)/6 and t³/6. They are not negative and add up to 1, so no pixel moves
/// further than a control point. Weights and displacements are multiples of 2⁻¹⁶, so all sums are exact.
struct ElasticField: Sendable {
  /// The cells of each axis.
  static let cells = 4
  /// The control points of each axis.
  static let controls = cells + 3
  /// The numbers of ``draw(upTo:_:into:)``.
  static let controlCount = 2 * controls * controls
  /// 1 as a weight, and one pixel as a displacement.
  static let one = 1 << 16

  let height: Int
  let width: Int
  /// The four weights of every row and of every column.
  let rowWeights, columnWeights: [Int]

  init(height: Int, width: Int) {
    self.height = height
    self.width = width
    rowWeights = Self.weights(extent: height)
    columnWeights = Self.weights(extent: width)
  }

  /// The cell of a row or a column.
  static func cell(_ index: Int, extent: Int) -> Int { (2 * index + 1) * cells / (2 * extent) }

  private static func weights(extent: Int) -> [Int] {
    (0..<extent).flatMap { index in
      let place = (Double(index) + 0.5) / Double(extent) * Double(cells)
      let t = place - Double(cell(index, extent: extent))
      let s = 1 - t
      var weights = [
        s * s * s, 3 * t * t * t - 6 * t * t + 4, 3 * s * s * s - 6 * s * s + 4, t * t * t,
      ].map { Int(($0 / 6 * Double(one)).rounded()) }
      weights[1] += one - weights.reduce(0, +)
      return weights
    }
  }

  /// Draws the vertical and then the horizontal displacement of each control point, uniformly from −limit ..< limit.
  ///
  /// - Parameters:
  ///   - part: the limit as a fraction of height and width.
  ///   - controls: memory for ``controlCount`` numbers.
  func draw(upTo part: Double, _ random: inout Random, into controls: UnsafeMutablePointer<Int>) {
    for point in 0..<Self.controls * Self.controls {
      let dy = random.number(upTo: part * Double(height))
      let dx = random.number(upTo: part * Double(width))
      controls[2 * point] = Int((dy * Double(Self.one)).rounded())
      controls[2 * point + 1] = Int((dx * Double(Self.one)).rounded())
    }
  }

  /// The control points of a row of pixels: those of each column of the grid, combined by the row's weights.
  ///
  /// - Parameter line: memory for `2·controls` numbers.
  func combine(
    _ controls: UnsafePointer<Int>, row: Int, into line: UnsafeMutablePointer<Int>
  ) {
    let first = Self.cell(row, extent: height)
    for index in 0..<2 * Self.controls {
      var sum = 0
      for a in 0..<4 {
        sum += rowWeights[4 * row + a] * controls[2 * Self.controls * (first + a) + index]
      }
      line[index] = (sum + Self.one / 2) >> 16
    }
  }

  /// The displacement of a pixel of the row whose control points ``combine(_:row:into:)`` gave.
  @inline(__always)
  func displacement(_ line: UnsafePointer<Int>, column: Int) -> (dy: Int, dx: Int) {
    let first = Self.cell(column, extent: width)
    var (dy, dx) = (Self.one / 2, Self.one / 2)
    for b in 0..<4 {
      let weight = columnWeights[4 * column + b]
      dy += weight * line[2 * (first + b)]
      dx += weight * line[2 * (first + b) + 1]
    }
    return (dy >> 16, dx >> 16)
  }
}
