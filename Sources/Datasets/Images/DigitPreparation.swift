/// Prepares an image of a digit as MNIST's images were prepared.
///
/// 1. The background's value is the median of the border's pixels. Ink is each pixel's distance
///    from it, in the direction of the greater contrast: a bright background is inverted.
/// 2. Distances below a fifth of the greatest one are shadows and noise, and become 0.
/// 3. The box around the ink is scaled, keeping its ratio, so that its longer side has 20 of 28
///    pixels. The greatest value becomes 255.
/// 4. The ink's center of mass is moved to row and column 14, to the nearest whole pixel.
///
/// See Y. LeCun, C. Cortes and C. Burges, "The MNIST database of handwritten digits". The row and
/// column were measured on MNIST's images.
struct DigitPreparation {
  /// The width and height of the result; MNIST's are 28.
  let side: Int

  /// True if the image is dark on bright, unlike MNIST's: the median of its border is bright.
  static func isNeeded(for image: Image) -> Bool { background(of: image.gray) >= 128 }

  /// `image` as an image of one channel, `side` pixels wide and high. Without any ink it is black.
  func prepare(_ image: Image) -> Image {
    let gray = image.gray
    let background = Int(Self.background(of: gray))
    let black = Image(
      width: side, height: side, channels: 1, pixels: [UInt8](repeating: 0, count: side * side))
    let (darkest, brightest) = (Int(gray.pixels.min()!), Int(gray.pixels.max()!))
    let isBright = background - darkest >= brightest - background
    let contrast = isBright ? background - darkest : brightest - background
    // Less is the noise of an empty sheet.
    guard contrast >= 16 else { return black }
    let floor = contrast / 5
    let ink = gray.pixels.map { value -> UInt8 in
      let distance = isBright ? background - Int(value) : Int(value) - background
      return distance <= floor ? 0 : UInt8((distance - floor) * 255 / (contrast - floor))
    }
    let inked = Image(width: gray.width, height: gray.height, channels: 1, pixels: ink)
    guard let box = Self.box(of: inked) else { return black }
    return centered(inked.cropped(rows: box.rows, columns: box.columns))
  }

  /// The median of the pixels at the border.
  private static func background(of gray: Image) -> UInt8 {
    var border: [UInt8] = []
    for y in 0..<gray.height {
      let row = gray.pixels[y * gray.width..<(y + 1) * gray.width]
      if y == 0 || y == gray.height - 1 {
        border += row
      } else {
        border += [row.first!, row.last!]
      }
    }
    border.sort()
    return border[border.count / 2]
  }

  /// The smallest rectangle with all pixels above 0; nil if there are none.
  private static func box(of image: Image) -> (rows: Range<Int>, columns: Range<Int>)? {
    var (top, bottom, left, right) = (image.height, -1, image.width, -1)
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<image.height {
        for x in 0..<image.width where pixels[y * image.width + x] > 0 {
          (top, bottom) = (min(top, y), max(bottom, y))
          (left, right) = (min(left, x), max(right, x))
        }
      }
    }
    return bottom < 0 ? nil : (top..<bottom + 1, left..<right + 1)
  }

  /// The ink scaled to its box, with its center of mass in the middle.
  private func centered(_ ink: Image) -> Image {
    let inner = max(1, (20 * side + 14) / 28)
    let longer = max(ink.width, ink.height)
    func share(_ extent: Int) -> Int { max(1, (2 * extent * inner + longer) / (2 * longer)) }
    var scaled = ink.resized(width: share(ink.width), height: share(ink.height))
    let greatest = Int(scaled.pixels.max() ?? 0)
    guard greatest > 0 else {
      // Specks of dust in a large image vanish when it is scaled.
      return Image(
        width: side, height: side, channels: 1, pixels: [UInt8](repeating: 0, count: side * side))
    }
    scaled = Image(
      width: scaled.width, height: scaled.height, channels: 1,
      pixels: scaled.pixels.map { UInt8((Int($0) * 255 + greatest / 2) / greatest) })
    var (mass, across, down) = (0, 0, 0)
    for y in 0..<scaled.height {
      for x in 0..<scaled.width {
        let value = Int(scaled.pixels[y * scaled.width + x])
        mass += value
        across += value * x
        down += value * y
      }
    }
    /// The place of the box along an axis, of whose coordinates `sum` is the mean times the mass.
    func place(_ sum: Int, _ extent: Int) -> Int {
      // side/2 − sum/mass, rounded to the nearest number.
      min(max(0, (side + 1) * mass - 2 * sum) / (2 * mass), side - extent)
    }
    return scaled.placed(
      left: place(across, scaled.width), top: place(down, scaled.height), width: side, height: side)
  }
}
