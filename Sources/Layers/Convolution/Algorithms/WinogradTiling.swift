import Tensors

/// The division of a convolution's images into tiles for Winograd's method.
struct WinogradTiling {
  let geometry: ConvolutionGeometry
  let tile: Tile
  /// The number of points of a tile.
  let points: Int
  /// The input channels, with zeros up to whole blocks.
  let inputs: Int
  let tileColumns: Int
  let tilesPerImage: Int
  /// The input's extents with zeros up to whole tiles, and their product in floats.
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

  /// The size of `U`, in floats, above which it is read from memory and each point costs extra
  /// time.
  private static let largeWeight = (4 << 20) / MemoryLayout<Float>.stride

  /// The tile for a convolution. Tiles are 4×4, the best compromise between products and precision,
  /// unless another supported tile needs at least 1/7 fewer products; it must save 1/5 if it makes
  /// `U` large.
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

  /// The number of outputs of a tile along each axis.
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

    /// The tiles that the kernels support. Precision is lost along each axis separately, so a tile
    /// with twice as many rows as columns costs far less precision than one with that many rows and
    /// columns.
    static func all(kernel: Int) -> [Tile] {
      kernel == 3
        ? [Tile(2), Tile(3), Tile(4), Tile(5), Tile(6), Tile(7), Tile(8, 4)]
        : [Tile(4), Tile(5)]
    }
  }

  /// The position of a tile: its image, and its first output.
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

  /// The offset of a tile's inputs in a padded image.
  func inputOffset(of place: Place) -> Int {
    (place.row * paddedWidth + place.column) * inputs
  }

  /// The offset of a tile's outputs in an image.
  func outputOffset(of place: Place) -> Int {
    (place.row * geometry.columns.output + place.column) * geometry.outputChannels
  }

  // MARK: Zeros around images

  /// Copies an image `[h, w, c]`, with zeros around it and behind its channels.
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

  /// Copies the image inside the zeros that ``pad(_:into:)`` adds.
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

  /// Calls `body` with each pixel's offset in the image and in the padded image.
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

/// The layout of the points of some tiles: `[point][block of channels][tile][channel]`.
struct WinogradPoints {
  /// The channels of a block.
  let width: Int
  let blocks: Int
  /// The number of floats from block to block, and from point to point. Each point has one more
  /// cache line than it needs, so that the points do not share few sets of the cache.
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

/// The layout of the points of some tiles for the channels of one block: `[tile][point][channel]`.
/// The next transform reads each tile from one contiguous place.
struct WinogradPanel {
  let width: Int
  /// The number of floats from tile to tile, with one more cache line than a tile needs.
  let tile: Int

  init(width: Int, points: Int) {
    self.width = width
    tile = points * width + 16
  }
}
