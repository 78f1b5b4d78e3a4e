import Tensors

/// The division of a convolution's images into tiles for Winograd's method.
struct WinogradTiling {
  let geometry: ConvolutionGeometry
  let tile: Tile
  /// The number of points of a tile.
  let points: Int
  /// The channels of points, up to a multiple of 16.
  let inputs: Int
  let outputs: Int
  let tileColumns: Int
  let tilesPerImage: Int
  /// The input's extents with zeros up to whole tiles, and their product in floats.
  let paddedHeight: Int
  let paddedWidth: Int
  let paddedCount: Int

  init(_ geometry: ConvolutionGeometry, tile: Tile) {
    self.geometry = geometry
    self.tile = tile
    let kernel = geometry.rows.kernel
    points = tile.points(kernel: kernel)
    inputs = PanelMatrix.paddedCount(geometry.inputChannels)
    outputs = PanelMatrix.paddedCount(geometry.outputChannels)
    let tileRows = (geometry.rows.output + tile.rows - 1) / tile.rows
    tileColumns = (geometry.columns.output + tile.columns - 1) / tile.columns
    tilesPerImage = tileRows * tileColumns
    paddedHeight = tileRows * tile.rows + kernel - 1
    paddedWidth = tileColumns * tile.columns + kernel - 1
    paddedCount = paddedHeight * paddedWidth * geometry.inputChannels
  }

  /// The tile for a convolution. Tiles are 4×4, the best compromise between products and precision, or the
  /// smallest where kernels are too large for them, unless another tile takes less time by at least 1/12, as
  /// estimated.
  static func tile(for geometry: ConvolutionGeometry) -> Tile {
    let all = Tile.all(kernel: ConvolutionPhases(geometry).inner.rows.kernel)
    let costs = all.map {
      ConvolutionCost.winograd(WinogradConvolution(geometry, tile: $0), part: nil).total
    }
    let first = all.firstIndex(of: Tile(4)) ?? 0
    let best = all.indices.min { costs[$0] < costs[$1] }!
    return all[12 * costs[best] <= 11 * costs[first] ? best : first]
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

    /// The number of points along each axis, and of all points.
    func pointExtents(kernel: Int) -> (rows: Int, columns: Int) {
      (rows + kernel - 1, columns + kernel - 1)
    }
    func points(kernel: Int) -> Int {
      let (rows, columns) = pointExtents(kernel: kernel)
      return rows * columns
    }

    /// The tiles that the kernels support. Precision is lost along each axis separately, so a tile
    /// with twice as many rows as columns costs far less precision than one with that many rows and
    /// columns.
    static func all(kernel: Int) -> [Tile] {
      switch kernel {
      case 2: [Tile(3), Tile(4), Tile(6)]
      case 3: [Tile(2), Tile(3), Tile(4), Tile(5), Tile(6), Tile(7), Tile(8, 4)]
      case 4: [Tile(3), Tile(4), Tile(5)]
      case 5: [Tile(3), Tile(4), Tile(5)]
      case 6: [Tile(3), Tile(4)]
      case 7: [Tile(2), Tile(3)]
      default: []
      }
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

  /// The tiles of some rows of an image's outputs, which begin with a row of tiles.
  func tiles(ofRows rows: Range<Int>) -> Range<Int> {
    let end = (rows.upperBound + tile.rows - 1) / tile.rows
    return rows.lowerBound / tile.rows * tileColumns..<end * tileColumns
  }

  /// The rows of a padded image that some of its tiles read.
  func paddedRows(of tiles: Range<Int>) -> Range<Int> {
    let (first, last) = (place(of: tiles.lowerBound).row, place(of: tiles.upperBound - 1).row)
    return first..<last + tile.rows + geometry.rows.kernel - 1
  }

  /// The offset of a tile's inputs in a padded image.
  func inputOffset(of place: Place) -> Int {
    (place.row * paddedWidth + place.column) * geometry.inputChannels
  }

  /// The offset of a tile's outputs in an image.
  func outputOffset(of place: Place) -> Int {
    (place.row * geometry.columns.output + place.column) * geometry.outputChannels
  }
}

/// The layout of the points of some tiles: `[point][block of channels][tile][channel]`.
///
/// Zeros fill the channels of the last block up to a multiple of 8 at least. Products leave them out, unless there are few of
/// them.
struct WinogradPoints {
  private let channels: Int
  /// The channels of a block, zeros included.
  let width: Int
  let blocks: Int
  /// The number of floats from block to block, and from point to point. Each point has one more
  /// cache line than it needs, so that the points do not share few sets of the cache.
  let block: Int
  let point: Int
  /// The blocks that lie in memory at a time.
  private let heldBlocks: Int

  /// The zeros of a block up to which a product with them takes less time than two products.
  private static let fewZeros = 3

  /// - Parameter heldChannels: the number of channels whose points lie in memory at a time, in whole blocks.
  init(channels: Int, tiles: Int, heldChannels: Int = .max) {
    let filled = PanelMatrix.paddedCount(channels)
    width = filled % PanelMatrix.panelWidth == 0 ? PanelMatrix.panelWidth : 16
    blocks = filled / width
    self.channels = filled - channels <= Self.fewZeros ? filled : channels
    let parts = (filled - 1) / max(width, min(filled, heldChannels) / width * width) + 1
    heldBlocks = (blocks + parts - 1) / parts
    block = tiles * width
    point = heldBlocks * block + 16
  }

  /// True if all blocks lie in memory at the same time.
  var holdsAll: Bool { heldBlocks == blocks }

  /// Calls `body` for the blocks that lie in memory at a time, in order, with the place that block 0 would have.
  func forEachHeld(
    at base: UnsafeMutablePointer<Float>,
    _ body: (_ blocks: Range<Int>, _ points: UnsafeMutablePointer<Float>) -> Void
  ) {
    for first in stride(from: 0, to: blocks, by: heldBlocks) {
      body(first..<min(first + heldBlocks, blocks), base - first * block)
    }
  }

  /// Calls `body` for the segments of products over these blocks: whole blocks, and what the last block has of
  /// the channels.
  func forEachRun(
    of blocks: Range<Int>, _ body: (_ blocks: Range<Int>, _ length: Int) -> Void
  ) {
    let rest = channels % width
    let whole = blocks.clamped(to: 0..<channels / width)
    if !whole.isEmpty { body(whole, width) }
    if rest > 0, blocks.contains(self.blocks - 1) { body(self.blocks - 1..<self.blocks, rest) }
  }

  /// The columns of products with a block: whole vectors of 8 that have channels.
  func columns(ofBlock block: Int) -> Int { min(width, (channels - block * width + 7) / 8 * 8) }

  /// The blocks that have some of these channels.
  func blocks(of channels: Range<Int>) -> Range<Int> {
    channels.lowerBound / width..<(channels.upperBound + width - 1) / width
  }
}

/// The layout of the points of some tiles for neighboring channels of one panel: `[tile][point][channel]`.
/// The next transform reads each tile from one contiguous place.
struct WinogradSlice {
  /// 16 or 32 channels.
  let channels: Range<Int>
  /// The number of floats from tile to tile, with one more cache line than a tile needs.
  let tile: Int

  /// The columns of products that have some of the first `count` channels: whole vectors of 8. Nothing reads the others.
  func columns(of count: Int) -> Int {
    min(channels.count, (count - channels.lowerBound + 7) / 8 * 8)
  }

  /// The panel, and the first of the channels among its columns.
  var panel: Int { channels.lowerBound / PanelMatrix.panelWidth }
  var column: Int { channels.lowerBound % PanelMatrix.panelWidth }

  /// Calls `body` for the slices of channels, in order.
  ///
  /// - Parameter channels: multiples of 16.
  static func forEach(
    of channels: Range<Int>, points: Int, _ body: (_ slice: WinogradSlice) -> Void
  ) {
    var first = channels.lowerBound
    while first < channels.upperBound {
      let panelEnd = (first / PanelMatrix.panelWidth + 1) * PanelMatrix.panelWidth
      let end = min(panelEnd, channels.upperBound)
      body(WinogradSlice(channels: first..<end, tile: points * (end - first) + 16))
      first = end
    }
  }

  /// The most floats from tile to tile.
  static func mostFloats(points: Int) -> Int { points * PanelMatrix.panelWidth + 16 }
}
