import CKernels
import Tensors

/// The steps of Winograd's passes on a block of tiles. Tile indices run over the images of one
/// call.
extension WinogradConvolution {
  /// Calls `body` for each block of tiles of this many images, in order.
  ///
  /// - Parameter parts: the number of threads that divide a block.
  func forEachTileBlock(
    of images: Int, parts: Int = 1, _ body: (_ tiles: Range<Int>) -> Void
  ) {
    forEachBlock(of: 0..<images * tiling.tilesPerImage, parts: parts, body)
  }

  /// Calls `body` for each block of these tiles, in order.
  func forEachBlock(
    of tiles: Range<Int>, parts: Int = 1, _ body: (_ tiles: Range<Int>) -> Void
  ) {
    var first = tiles.lowerBound
    while first < tiles.upperBound {
      let whole = tiles.upperBound - first <= parts * Self.mostTiles
      let end = whole ? tiles.upperBound : first + parts * Self.tileBlock
      body(first..<end)
      first = end
    }
  }

  /// The images whose first tile is in the range. ``completed(_:)`` gives those whose last tile is
  /// in it.
  func begun(_ tiles: Range<Int>) -> Range<Int> {
    let more = tiling.tilesPerImage - 1
    return completed(tiles.lowerBound + more..<tiles.upperBound + more)
  }

  func completed(_ tiles: Range<Int>) -> Range<Int> {
    tiles.lowerBound / tiling.tilesPerImage..<tiles.upperBound / tiling.tilesPerImage
  }

  /// The offset of an image in the ring of padded images.
  private func held(_ image: Int) -> Int { image % heldImages * tiling.paddedCount }

  func pad(
    _ x: UnsafePointer<Float>, _ image: Int, rows: Range<Int>? = nil,
    into padded: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) { phases.pad(x, rows: rows, into: padded + held(image), of: tiling, kernels) }

  /// Pads what some tiles read of their images, but for the rows that `progress` has. An image that is computed when
  /// it is read is padded at once, as its values do not outlive the block.
  ///
  /// - Parameter first: the example that image 0 is.
  func pad(
    _ tiles: Range<Int>, of x: Examples, from first: Int, _ progress: inout PaddingProgress,
    on worker: Worker
  ) {
    let padded = WinogradScratch(at: worker.scratch, of: self).paddedInputs
    let perImage = tiling.tilesPerImage
    let isStored = x.stored != nil
    for image in tiles.lowerBound / perImage...(tiles.upperBound - 1) / perImage {
      let tilesOfImage = tiles.clamped(to: image * perImage..<(image + 1) * perImage)
      let rows = tiling.paddedRows(of: tilesOfImage)
      if progress.image != image {
        progress = PaddingProgress(
          image: image, x: x.values(of: first + image, on: worker), rows: rows.lowerBound)
      }
      let end = isStored ? rows.upperBound : tiling.paddedHeight
      guard let values = progress.x, progress.rows < end else { continue }
      pad(values, image, rows: progress.rows..<end, into: padded, worker.kernels)
      progress.rows = end
    }
  }

  /// Computes `V = Bᵀ x B` from the ring of padded images, for some blocks of channels.
  ///
  /// - Parameters:
  ///   - blocks: nil for all.
  ///   - v: the place of block 0.
  func transformInputs(
    _ tiles: Range<Int>, _ blocks: Range<Int>? = nil, of padded: UnsafePointer<Float>,
    into v: UnsafeMutablePointer<Float>, _ layout: WinogradPoints, _ transforms: winograd,
    on worker: Worker
  ) {
    let blocks = blocks ?? 0..<layout.blocks
    let first = blocks.lowerBound * layout.width
    let channels = min(blocks.upperBound * layout.width, geometry.inputChannels) - first
    let v = v + blocks.lowerBound * layout.block
    worker.share(tiles.count) { slot, _ in
      let place = tiling.place(of: tiles.lowerBound + slot)
      transforms.input(
        padded + held(place.image) + tiling.inputOffset(of: place) + first,
        tiling.paddedWidth * geometry.inputChannels, geometry.inputChannels, channels,
        v + slot * layout.width, layout.point, layout.block, layout.width)
    }
  }

  /// Computes `y = Aᵀ M A + bias` for the channels of a slice.
  ///
  /// - Parameter output: the place of an image's outputs.
  func transformOutputs(
    _ tiles: Range<Int>, of m: UnsafePointer<Float>, _ slice: WinogradSlice,
    bias: UnsafePointer<Float>?, _ transforms: winograd,
    into output: (_ image: Int) -> UnsafeMutablePointer<Float>
  ) {
    let start = slice.channels.lowerBound
    for (slot, tile) in tiles.enumerated() {
      let place = tiling.place(of: tile)
      transforms.output(
        m + slot * slice.tile, slice.channels.count,
        min(slice.channels.count, geometry.outputChannels - start), bias.map { $0 + start },
        output(place.image) + tiling.outputOffset(of: place) + start,
        geometry.columns.output * geometry.outputChannels, geometry.outputChannels,
        geometry.rows.output - place.row, geometry.columns.output - place.column)
    }
  }

  /// Computes `∂M = A ∂y Aᵀ`.
  func transformGradients(
    _ tiles: Range<Int>, of dy: UnsafePointer<Float>, into m: UnsafeMutablePointer<Float>,
    _ layout: WinogradPoints, _ transforms: winograd, on worker: Worker
  ) {
    worker.share(tiles.count) { slot, _ in
      let place = tiling.place(of: tiles.lowerBound + slot)
      transforms.output_adjoint(
        dy + place.image * geometry.outputCount + tiling.outputOffset(of: place),
        geometry.columns.output * geometry.outputChannels,
        geometry.outputChannels, geometry.rows.output - place.row,
        geometry.columns.output - place.column,
        m + slot * layout.width, layout.point, layout.block, layout.width)
    }
  }

  /// The input channels whose `U` at a point is not zero.
  func nonzeroInputs(at point: Int) -> Range<Int> {
    nonzeroChannels.range(
      atRowZero: point < pointColumns, atColumnZero: point % pointColumns == 0)
  }

  /// The share of `U` that is not zero.
  var nonzeroShare: Double {
    let nonzero = (0..<points).reduce(0) { $0 + nonzeroInputs(at: $1).count }
    return Double(nonzero) / Double(points * geometry.inputChannels)
  }

  /// Computes the columns of one slice of `c_p = a_p · b_p`, for each point.
  ///
  /// One call computes one slice, so that `c` stays in the cache until it is transformed.
  ///
  /// - Parameters:
  ///   - channels: the channels of `c_p`, without the zeros that fill it up.
  ///   - adds: true if the products are added to `c_p`.
  ///   - blocks: the blocks of `a_p` that meet other elements of `b_p` than zeros; none if all are
  ///     zeros, and so `c_p`.
  func multiply(
    _ a: UnsafePointer<Float>, _ from: WinogradPoints, _ tiles: Int,
    by matrices: UnsafePointer<Float>, _ weights: WinogradWeights,
    into c: UnsafeMutablePointer<Float>, _ slice: WinogradSlice, of channels: Int,
    adds: Bool = false, _ kernels: kernels,
    blocks: (_ point: Int) -> Range<Int>
  ) {
    let (width, columns) = (slice.channels.count, slice.columns(of: channels))
    let panelRow = weights.width(ofPanel: slice.panel)
    for point in 0..<points {
      var product = product(
        lines: 1, rows: tiles, columns: columns, segments: 0, length: 0, a: a, a_line: 0,
        a_row: from.width, a_segment: from.block, panel: matrices, panel_row: panelRow,
        bias: nil, c: c + point * width, c_line: 0, c_row: slice.tile, accumulate: adds ? 1 : 0)
      from.forEachRun(of: blocks(point)) { blocks, length in
        product.segments = blocks.count
        product.length = length
        product.a = a + point * from.point + blocks.lowerBound * from.block
        product.panel =
          matrices + weights.offset(ofPanel: slice.panel, point: point) + slice.column
          + blocks.lowerBound * from.width * panelRow
        kernels.multiply(&product)
        product.accumulate = 1
      }
      if product.accumulate == 0 { kernels.multiply(&product) }
    }
  }

  /// Adds `∂U_p += V_pᵀ · ∂M_p` for one point, and for some blocks of inputs.
  func addOuterProducts(
    _ v: UnsafePointer<Float>, _ blocks: Range<Int>, _ from: WinogradPoints,
    _ m: UnsafePointer<Float>, _ to: WinogradPoints, _ tiles: Int, point: Int,
    to du: WinogradGradient, _ kernels: kernels
  ) {
    let inputBlocks = from.blocks(of: nonzeroInputs(at: point)).clamped(to: blocks)
    for block in 0..<to.blocks {
      let place = place(ofBlock: block, in: to, point: point)
      from.forEachRun(of: inputBlocks) { inputs, length in
        var product = outer_product(
          lines: 1, rows: tiles, columns: to.columns(ofBlock: block), segments: inputs.count,
          length: length,
          a: v + inputs.lowerBound * from.block, a_line: 0, a_row: from.width,
          a_segment: from.block, g: m + block * to.block, g_line: 0, g_row: to.width,
          d: du.base + place.first + inputs.lowerBound * from.width * place.row, d_row: place.row,
          accumulate: du.isZero ? 0 : 1)
        kernels.accumulate_outer(&product)
      }
    }
  }

  /// The place in `∂U` of a point of the first channel of a block, and the floats from row to row there.
  func place(
    ofBlock block: Int, in layout: WinogradPoints, point: Int
  ) -> (first: Int, row: Int) {
    let (panel, column) = (block * layout.width).quotientAndRemainder(
      dividingBy: PanelMatrix.panelWidth)
    let weights = weights
    return (weights.offset(ofPanel: panel, point: point) + column, weights.width(ofPanel: panel))
  }

  /// Computes `∂V_p = ∂M_p · U_pᵀ`, and adds `∂x = Σ_tiles B ∂V Bᵀ` to padded images. Each image is cropped right
  /// after its last tile. Neighboring tiles overlap, so that the threads share channels.
  func addInputGradients(
    _ tiles: Range<Int>, from m: UnsafePointer<Float>, _ layout: WinogradPoints,
    padded: UnsafeMutablePointer<Float>, into dx: UnsafeMutablePointer<Float>, on worker: Worker
  ) {
    zeroGradients(begunIn: tiles, padded)
    let parts = Worker.Parts(of: tiling.inputs, among: worker.threadCount, unit: 16)
    worker.share(parts.count) { part, worker in
      addInputGradients(
        tiles, from: m, layout, channels: parts.range(part),
        by: WinogradScratch(at: worker.scratch, of: self).v, padded: padded, worker.kernels)
    }
    cropGradients(completedIn: tiles, padded, into: dx, worker.kernels)
  }

  /// The same for some channels of images that are zeroed before, and cropped afterwards.
  ///
  /// - Parameter v: memory for `∂V`.
  func addInputGradients(
    _ tiles: Range<Int>, from m: UnsafePointer<Float>, _ layout: WinogradPoints,
    channels: Range<Int>, by v: UnsafeMutablePointer<Float>,
    padded: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    guard let transposed else { preconditionFailure("the data pass was not prepared") }
    let transforms = transforms(kernels)
    WinogradSlice.forEach(of: channels, points: points) { slice in
      let start = slice.channels.lowerBound
      multiply(
        m, layout, tiles.count, by: transposed, transposedWeights, into: v, slice,
        of: geometry.inputChannels, kernels
      ) {
        nonzeroInputs(at: $0).overlaps(slice.channels) ? 0..<layout.blocks : 0..<0
      }
      for (slot, tile) in tiles.enumerated() {
        let place = tiling.place(of: tile)
        transforms.input_adjoint(
          v + slot * slice.tile, slice.channels.count,
          min(slice.channels.count, geometry.inputChannels - start),
          padded + held(place.image) + tiling.inputOffset(of: place) + start,
          tiling.paddedWidth * geometry.inputChannels, geometry.inputChannels)
      }
    }
  }

  func zeroGradients(begunIn tiles: Range<Int>, _ padded: UnsafeMutablePointer<Float>) {
    for image in begun(tiles) {
      (padded + held(image)).update(repeating: 0, count: tiling.paddedCount)
    }
  }

  func cropGradients(
    completedIn tiles: Range<Int>, _ padded: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    for image in completed(tiles) {
      phases.crop(
        padded + held(image), of: tiling, into: dx + image * phases.outer.inputCount, kernels)
    }
  }
}

/// The image whose rows are padded as tiles need them, from the first one on, and the rows that are done. A large image
/// is then read by the transforms while its rows are in the cache.
struct PaddingProgress {
  var image = -1
  var x: UnsafePointer<Float>?
  var rows = 0
}
