import Tensors

/// How Winograd's method cuts the images of a convolution into tiles.
struct WinogradTiling {
  let geometry: ConvolutionGeometry
  let tile: Tile
  /// The points of a tile.
  let points: Int
  /// The input's channels with zeros up to whole blocks.
  let inputs: Int
  let tileColumns: Int
  let tilesPerImage: Int
  /// The input's extents with zeros up to whole tiles, and its floats.
  let paddedHeight: Int
  let paddedWidth: Int
  let paddedCount: Int

  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    let kernel = geometry.rows.kernel
    tile = Self.tile(for: geometry)
    points = tile.points(kernel: kernel)
    inputs = Self.wholeBlocks(geometry.inputChannels)
    let tileRows = (geometry.rows.output + tile.rows - 1) / tile.rows
    tileColumns = (geometry.columns.output + tile.columns - 1) / tile.columns
    tilesPerImage = tileRows * tileColumns
    paddedHeight = tileRows * tile.rows + kernel - 1
    paddedWidth = tileColumns * tile.columns + kernel - 1
    paddedCount = paddedHeight * paddedWidth * inputs
  }

  /// Floats of `U` above which it is read from memory, and many points cost time of their own.
  private static let largeWeight = (4 << 20) / MemoryLayout<Float>.stride

  /// The outputs of a tile: 4×4, the best trade of products for precision, unless another one of those
  /// that the kernels have saves a seventh of the products, or a fifth if that makes `U` large.
  private static func tile(for geometry: ConvolutionGeometry) -> Tile {
    let kernel = geometry.rows.kernel
    func products(_ tile: Tile) -> Int {
      let tileRows = (geometry.rows.output + tile.rows - 1) / tile.rows
      let tileColumns = (geometry.columns.output + tile.columns - 1) / tile.columns
      return tileRows * tileColumns * tile.points(kernel: kernel)
    }
    let first = Tile(4)
    let best = Tile.all(kernel: kernel).min { products($0) < products($1) }!
    let weight =
      best.points(kernel: kernel) * wholeBlocks(geometry.inputChannels)
      * wholeBlocks(geometry.outputChannels)
    let least = weight > largeWeight ? 5 : 7
    return least * products(best) <= (least - 1) * products(first) ? best : first
  }

  /// 16, or the next multiple of 32.
  static func wholeBlocks(_ channels: Int) -> Int {
    channels <= 16
      ? 16
      : (channels + PanelMatrix.panelWidth - 1) / PanelMatrix.panelWidth * PanelMatrix.panelWidth
  }

  /// The outputs of a tile along each axis.
  struct Tile: Equatable, CustomStringConvertible {
    let rows: Int
    let columns: Int

    init(_ rows: Int, _ columns: Int) {
      self.rows = rows
      self.columns = columns
    }

    init(_ both: Int) { self.init(both, both) }

    var description: String { "\(rows)×\(columns)" }

    func points(kernel: Int) -> Int { (rows + kernel - 1) * (columns + kernel - 1) }

    /// Those that the kernels have. Twice as many rows as columns cost far less precision than as many of
    /// both would, since precision is lost along each axis alone.
    static func all(kernel: Int) -> [Tile] {
      kernel == 3
        ? [Tile(2), Tile(3), Tile(4), Tile(5), Tile(6), Tile(7), Tile(8, 4)]
        : [Tile(4), Tile(5)]
    }
  }

  /// Where a tile starts: its image, and its first output.
  struct Place {
    let image: Int
    let row: Int
    let column: Int
  }

  func place(of number: Int) -> Place {
    let inImage = number % tilesPerImage
    return Place(
      image: number / tilesPerImage, row: inImage / tileColumns * tile.rows,
      column: inImage % tileColumns * tile.columns)
  }

  /// Where the inputs of a tile start in a padded image.
  func inputOffset(of place: Place) -> Int {
    (place.row * paddedWidth + place.column) * inputs
  }

  /// Where its outputs start in an image.
  func outputOffset(of place: Place) -> Int {
    (place.row * geometry.columns.output + place.column) * geometry.outputChannels
  }

  // MARK: Zeros around images

  /// Copies an image `[h, w, c]` with zeros around it, and behind its channels.
  func pad(_ x: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>) {
    let g = geometry
    guard g.inputChannels < inputs else {
      let copy = PaddedImage(
        x, height: g.rows.input, width: g.columns.input, channels: inputs,
        rowZeros: (g.rows.before, paddedHeight - g.rows.before - g.rows.input),
        columnZeros: (g.columns.before, paddedWidth - g.columns.before - g.columns.input),
        in: padded)
      if copy.base != UnsafePointer(padded) { padded.update(from: copy.base, count: paddedCount) }
      return
    }
    padded.update(repeating: 0, count: paddedCount)
    forEachPixel { pixel, place in
      (padded + place).update(from: x + pixel, count: g.inputChannels)
    }
  }

  /// Copies what ``pad(_:into:)`` would surround with zeros.
  func crop(_ padded: UnsafePointer<Float>, into x: UnsafeMutablePointer<Float>) {
    let g = geometry
    guard g.inputChannels < inputs else {
      let row = g.columns.input * inputs
      for r in 0..<g.rows.input {
        let source = ((g.rows.before + r) * paddedWidth + g.columns.before) * inputs
        (x + r * row).update(from: padded + source, count: row)
      }
      return
    }
    forEachPixel { pixel, place in
      (x + pixel).update(from: padded + place, count: g.inputChannels)
    }
  }

  /// Calls `body` with each pixel's place in the image and in the padded one.
  private func forEachPixel(_ body: (_ pixel: Int, _ place: Int) -> Void) {
    let g = geometry
    for r in 0..<g.rows.input {
      for c in 0..<g.columns.input {
        body(
          (r * g.columns.input + c) * g.inputChannels,
          ((g.rows.before + r) * paddedWidth + g.columns.before + c) * inputs)
      }
    }
  }
}

/// How the points of some tiles lie: `[point][block of channels][tile][channel]`.
struct WinogradPoints {
  /// The channels of a block.
  let width: Int
  let blocks: Int
  /// Floats between blocks, and between points: a line more, lest all points share few places of the
  /// cache.
  let block: Int
  let point: Int

  /// - Parameter channels: 16 or a multiple of 32.
  init(channels: Int, tiles: Int) {
    width = min(channels, PanelMatrix.panelWidth)
    blocks = channels / width
    block = tiles * width
    point = blocks * block + 16
  }
}

/// How the points of some tiles lie for the channels of one block: `[tile][point][channel]`, so that the
/// transform that comes next reads a tile from one place.
struct WinogradPanel {
  let width: Int
  /// Floats between tiles, a line more than they have.
  let tile: Int

  init(width: Int, points: Int) {
    self.width = width
    tile = points * width + 16
  }
}
