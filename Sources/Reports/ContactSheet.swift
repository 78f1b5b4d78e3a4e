import Datasets

/// A picture of examples of a data set: a row for each class, a column for each example.
///
/// The examples are the first of each class, in order, between grey lines of one pixel; where a class
/// has fewer the rest of its row is grey. The sheet is enlarged by a whole factor, so that its longer
/// side comes to at most 1200 pixels.
public struct ContactSheet: Sendable {
  private static let line: UInt8 = 96
  private static let longestSide = 1200

  private let images: ImageSet
  private let columns: Int
  /// The examples of each class.
  private let rows: [[Int]]

  /// - Parameter columns: the most examples of a class.
  public init(_ images: ImageSet, columns: Int) {
    precondition(columns > 0, "ContactSheet: \(columns) columns")
    self.images = images
    self.columns = columns
    var rows = [[Int]](repeating: [], count: images.classes)
    for (index, label) in images.labels.enumerated() where rows[Int(label)].count < columns {
      rows[Int(label)].append(index)
    }
    self.rows = rows
  }

  /// The sheet, enlarged.
  public var raster: Raster {
    let plain = plain
    return plain.enlarged(by: max(1, Self.longestSide / max(plain.width, plain.height)))
  }

  /// The sheet with one pixel for each pixel.
  var plain: Raster {
    let (height, width, channels) = (images.height, images.width, images.channels)
    let sheetWidth = columns * (width + 1) + 1
    let sheetHeight = rows.count * (height + 1) + 1
    var pixels = [UInt8](repeating: Self.line, count: sheetWidth * sheetHeight * channels)
    for (row, examples) in rows.enumerated() {
      for (column, example) in examples.enumerated() {
        for y in 0..<height {
          let from = example * images.imageCount + y * width * channels
          let to = ((row * (height + 1) + 1 + y) * sheetWidth + column * (width + 1) + 1) * channels
          pixels.replaceSubrange(
            to..<to + width * channels, with: images.pixels[from..<from + width * channels])
        }
      }
    }
    return Raster(width: sheetWidth, height: sheetHeight, channels: channels, pixels: pixels)
  }
}

extension Raster {
  /// The picture number `index` of `images`.
  public init(_ images: ImageSet, _ index: Int) {
    let first = index * images.imageCount
    self.init(
      width: images.width, height: images.height, channels: images.channels,
      pixels: Array(images.pixels[first..<first + images.imageCount]))
  }
}
