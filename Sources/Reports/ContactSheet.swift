import Datasets

/// An image of a data set's examples, or of augmented examples.
///
/// A sheet of a data set has a row for each class with its first examples, in order. If a class has fewer
/// examples than there are columns, the rest of its row is gray. A sheet of an augmentation has a row of
/// originals and a row for each epoch. Gray lines of one pixel divide the images. The sheet is enlarged by
/// the greatest whole factor that keeps its longer side within 1200 pixels.
public struct ContactSheet: Sendable {
  private static let line: UInt8 = 96
  private static let longestSide = 1200

  private let images: ImageSet
  private let columns: Int
  /// The numbers of the examples in each row.
  private let rows: [[Int]]

  /// A row of examples for each class.
  ///
  /// - Parameter columns: the greatest number of examples of a class.
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

  /// The examples in the first row, and their augmented images below, with a row for each of the first
  /// `epochs` epochs.
  public init(_ augmenter: Augmenter, examples: [Int], epochs: Int) {
    precondition(!examples.isEmpty, "ContactSheet of no examples")
    let (images, count) = (augmenter.images, examples.count)
    var pixels = images.pixels(of: examples)
    var image = [UInt8](repeating: 0, count: images.imageCount)
    var scratch = [UInt8](repeating: 0, count: augmenter.scratchCount)
    for epoch in 0..<epochs {
      for example in examples {
        image.withUnsafeMutableBufferPointer { image in
          scratch.withUnsafeMutableBufferPointer { scratch in
            _ = augmenter.write(
              example, epoch: epoch, into: image.baseAddress!, scratch: scratch.baseAddress!)
          }
        }
        pixels += image
      }
    }
    self.images = ImageSet(
      height: images.height, width: images.width, channels: images.channels, classes: 1,
      pixels: pixels, labels: Array(repeating: 0, count: (epochs + 1) * count))
    columns = count
    rows = (0...epochs).map { Array($0 * count..<($0 + 1) * count) }
  }

  /// The sheet, enlarged.
  public var raster: Raster {
    let plain = plain
    return plain.enlarged(by: max(1, Self.longestSide / max(plain.width, plain.height)))
  }

  /// The sheet before enlargement.
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
  /// Image `index` of `images`.
  public init(_ images: ImageSet, _ index: Int) {
    let first = index * images.imageCount
    self.init(
      width: images.width, height: images.height, channels: images.channels,
      pixels: Array(images.pixels[first..<first + images.imageCount]))
  }
}

extension Raster {
  /// The pixels of `image`.
  public init(_ image: Image) {
    self.init(
      width: image.width, height: image.height, channels: image.channels, pixels: image.pixels)
  }
}
