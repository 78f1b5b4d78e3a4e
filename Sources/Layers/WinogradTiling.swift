import Tensors

/// How Winograd's method cuts the images of a convolution into tiles.
struct WinogradTiling {
  let geometry: ConvolutionGeometry
  /// The outputs of a tile along each axis.
  let tile: Int
  /// The points of a tile along each axis, and all.
  let axisPoints: Int
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
    tile = Self.tile(kernel: kernel, outputs: geometry.rows.output, geometry.columns.output)
    axisPoints = tile + kernel - 1
    points = axisPoints * axisPoints
    inputs = Self.wholeBlocks(geometry.inputs)
    let tileRows = (geometry.rows.output + tile - 1) / tile
    tileColumns = (geometry.columns.output + tile - 1) / tile
    tilesPerImage = tileRows * tileColumns
    paddedHeight = tileRows * tile + kernel - 1
    paddedWidth = tileColumns * tile + kernel - 1
    paddedCount = paddedHeight * paddedWidth * inputs
  }

  /// The outputs of a tile along each axis: 4, the best trade of products for precision, unless another
  /// tile saves a fifth of the products, for it fits the image better.
  private static func tile(kernel: Int, outputs height: Int, _ width: Int) -> Int {
    func products(_ tile: Int) -> Int {
      let tiles = ((height + tile - 1) / tile) * ((width + tile - 1) / tile)
      return tiles * (tile + kernel - 1) * (tile + kernel - 1)
    }
    let tiles = kernel == 3 ? 2...7 : 4...5
    let best = tiles.min { products($0) < products($1) }!
    return 5 * products(best) <= 4 * products(4) ? best : 4
  }

  /// 16, or the next multiple of 32.
  static func wholeBlocks(_ channels: Int) -> Int {
    channels <= 16
      ? 16
      : (channels + PanelMatrix.panelWidth - 1) / PanelMatrix.panelWidth * PanelMatrix.panelWidth
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
      image: number / tilesPerImage, row: inImage / tileColumns * tile,
      column: inImage % tileColumns * tile)
  }

  /// Where the inputs of a tile start among padded images.
  func inputOffset(of place: Place) -> Int {
    place.image * paddedCount + (place.row * paddedWidth + place.column) * inputs
  }

  /// Where its outputs start.
  func outputOffset(of place: Place) -> Int {
    place.image * geometry.outputCount
      + (place.row * geometry.columns.output + place.column) * geometry.outputs
  }

  // MARK: Zeros around images

  /// Copies an image `[h, w, c]` with zeros around it, and behind its channels.
  func pad(_ x: UnsafePointer<Float>, into padded: UnsafeMutablePointer<Float>) {
    let g = geometry
    guard g.inputs < inputs else {
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
      (padded + place).update(from: x + pixel, count: g.inputs)
    }
  }

  /// Copies what ``pad(_:into:)`` would surround with zeros.
  func crop(_ padded: UnsafePointer<Float>, into x: UnsafeMutablePointer<Float>) {
    let g = geometry
    guard g.inputs < inputs else {
      let row = g.columns.input * inputs
      for r in 0..<g.rows.input {
        let source = ((g.rows.before + r) * paddedWidth + g.columns.before) * inputs
        (x + r * row).update(from: padded + source, count: row)
      }
      return
    }
    forEachPixel { pixel, place in
      (x + pixel).update(from: padded + place, count: g.inputs)
    }
  }

  /// Calls `body` with each pixel's place in the image and in the padded one.
  private func forEachPixel(_ body: (_ pixel: Int, _ place: Int) -> Void) {
    let g = geometry
    for r in 0..<g.rows.input {
      for c in 0..<g.columns.input {
        body(
          (r * g.columns.input + c) * g.inputs,
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
