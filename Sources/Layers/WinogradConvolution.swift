import CKernels
import Tensors

/// The passes of a convolution of stride 1 by Winograd's method F(m×m, r×r), lecture row L22.
///
/// The outputs are cut into tiles of m×m, each of which depends on a tile of (m + r − 1)² inputs. At
/// the points of Toom and Cook's method (see `winograd-points.h`) the convolution of a tile is a
/// product for each point, summed over channels, so for each point all tiles make one matrix product:
///
///     forward   M_p = V_p · U_p                with V = Bᵀ x B, U = G w Gᵀ, y = Aᵀ M A
///     data      ∂V_p = ∂M_p · U_pᵀ             with ∂M = A ∂y Aᵀ, ∂x = Σ_tiles B ∂V Bᵀ
///     weights   ∂U_p += V_pᵀ · ∂M_p            with ∂w = Gᵀ ∂U G
///
/// (Lavin and Gray 2015, section 4.) The backward passes are the exact adjoints of the forward one.
/// F(4×4, 3×3) spends 36 multiplications where the direct way spends 144, F(4×4, 5×5) 64 instead of
/// 400; the transforms cost some of that, and the larger the tile the more of the precision: the error
/// of F(4×4, 5×5) is about ten times that of the direct sum.
///
/// Channels are 16, or a multiple of 32.
final class WinogradConvolution: ConvolutionAlgorithm {
  static let name = "winograd"

  private let geometry: ConvolutionGeometry
  private let arena = Arena()
  /// `U`, then `Uᵀ`, and each thread's `∂U`.
  private var transformed: UnsafeMutablePointer<Float>?
  private var transposed: UnsafeMutablePointer<Float>?
  private var gradients: [UnsafeMutablePointer<Float>] = []

  /// The most tiles whose points are held at once.
  private static let mostTiles = 32

  static func supports(_ g: ConvolutionGeometry) -> Bool {
    g.rows.kernel == g.columns.kernel && [3, 5].contains(g.rows.kernel) && g.rows.stride == 1
      && g.columns.stride == 1 && isWhole(g.inputs) && isWhole(g.outputs)
  }

  static let scope =
    "3×3 and 5×5 kernels of stride 1, with 16 or a multiple of 32 channels on both sides"

  private static func isWhole(_ channels: Int) -> Bool {
    channels == 16 || channels % PanelMatrix.panelWidth == 0
  }

  /// The transforms pay from 16 channels on, however small the image.
  static func isWorthwhile(_ g: ConvolutionGeometry) -> Bool { true }

  init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  private func transforms(_ kernels: kernels) -> winograd {
    if geometry.rows.kernel == 5 { return kernels.winograd.2 }
    return tile == 2 ? kernels.winograd.0 : kernels.winograd.1
  }

  // MARK: Extents

  /// The outputs of a tile along each axis: 4, or 2 where a 3×3 convolution has no more.
  private var tile: Int {
    geometry.rows.kernel == 3 && geometry.rows.output <= 2 && geometry.columns.output <= 2 ? 2 : 4
  }
  private var extent: Int { tile + geometry.rows.kernel - 1 }
  private var points: Int { extent * extent }
  private var tileRows: Int { (geometry.rows.output + tile - 1) / tile }
  private var tileColumns: Int { (geometry.columns.output + tile - 1) / tile }
  private var tilesPerImage: Int { tileRows * tileColumns }

  /// The images that are transformed together.
  private var imageGroup: Int { max(1, 2 * Self.mostTiles / tilesPerImage) }

  /// The input's extents with zeros up to whole tiles.
  private var paddedHeight: Int { tileRows * tile + geometry.rows.kernel - 1 }
  private var paddedWidth: Int { tileColumns * tile + geometry.columns.kernel - 1 }
  private var paddedCount: Int { paddedHeight * paddedWidth * geometry.inputs }

  private var inputs: Points { Points(channels: geometry.inputs, tiles: Self.mostTiles) }
  private var outputs: Points { Points(channels: geometry.outputs, tiles: Self.mostTiles) }

  /// How the points of some tiles lie: `[point][block of channels][tile][channel]`.
  private struct Points {
    let channels: Int
    /// The channels of a block.
    let width: Int
    let blocks: Int
    /// Floats between blocks, and between points: a line more, lest all points share few places of
    /// the cache.
    let block: Int
    let point: Int

    init(channels: Int, tiles: Int) {
      self.channels = channels
      width = min(channels, PanelMatrix.panelWidth)
      blocks = channels / width
      block = tiles * width
      point = blocks * block + 16
    }
  }

  var scratchCount: Int {
    imageGroup * 2 * paddedCount + points * (inputs.point + outputs.point)
  }

  /// Floats of `U`, of `Uᵀ` and of `∂U`: for each panel and point a matrix with panel rows.
  private var weightCount: Int {
    PanelMatrix.panelCount(geometry.outputs) * points * geometry.inputs * PanelMatrix.panelWidth
  }
  private var transposedCount: Int {
    PanelMatrix.panelCount(geometry.inputs) * points * geometry.outputs * PanelMatrix.panelWidth
  }

  private var weightPoint: Int { geometry.inputs * PanelMatrix.panelWidth }
  private var transposedPoint: Int { geometry.outputs * PanelMatrix.panelWidth }

  // MARK: Weights

  /// Sets `U = G w Gᵀ`.
  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    let u = transformed ?? arena.floats(weightCount)
    transformed = u
    context.pool.run(weight.panelCount) { index, _ in
      transforms(context.kernels).weights(
        weight.panel(index), geometry.inputs, columns(ofPanel: index, of: geometry.outputs),
        u + index * points * weightPoint, weightPoint)
    }
  }

  /// Sets `Uᵀ`, and makes room for each thread's `∂U`.
  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    while gradients.count < context.threadCount { gradients.append(arena.floats(weightCount)) }
    guard givesInputGradient, let u = transformed else { return }
    let transposed = transposed ?? arena.floats(transposedCount)
    self.transposed = transposed
    let width = PanelMatrix.panelWidth
    context.pool.run(points) { point, _ in
      for from in 0..<PanelMatrix.panelCount(geometry.outputs) {
        for to in 0..<PanelMatrix.panelCount(geometry.inputs) {
          context.kernels.transpose(
            u + (from * points + point) * weightPoint + to * width * width,
            columns(ofPanel: to, of: geometry.inputs),
            columns(ofPanel: from, of: geometry.outputs), width,
            transposed + (to * points + point) * transposedPoint + from * width * width, width)
        }
      }
    }
  }

  func beginBackward(in lane: Lane) {
    gradients[lane.worker].update(repeating: 0, count: weightCount)
  }

  /// Adds `Gᵀ ∂U G`.
  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    let u = gradients[lane.worker]
    for index in 0..<gradient.panelCount {
      transforms(lane.kernels).weights_adjoint(
        u + index * points * weightPoint, weightPoint, geometry.inputs,
        columns(ofPanel: index, of: geometry.outputs), gradient.panel(index))
    }
  }

  private func columns(ofPanel index: Int, of channels: Int) -> Int {
    min(PanelMatrix.panelWidth, channels - index * PanelMatrix.panelWidth)
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    guard let u = transformed else { preconditionFailure("the forward pass was not prepared") }
    let transforms = transforms(lane.kernels)
    let scratch = lane.scratch
    let v = scratch + imageGroup * paddedCount
    let m = v + points * inputs.point
    forEachTileBlock(count) { images, tiles in
      if tiles.lowerBound == 0 { pad(x, images, into: scratch) }
      transformInputs(tiles, from: scratch, into: v, transforms)
      for panel in 0..<outputs.blocks {
        multiply(
          v, inputs, tiles.count, by: u + panel * points * weightPoint, weightPoint,
          into: m, outputs, block: 0, lane.kernels)
        let start = panel * PanelMatrix.panelWidth
        for (slot, tile) in tiles.enumerated() {
          let place = place(of: tile)
          let target =
            y + (images.lowerBound + place.image) * geometry.outputCount
            + (place.row * geometry.columns.output + place.column) * geometry.outputs + start
          transforms.output(
            m + slot * outputs.width, outputs.point, outputs.width, bias.map { $0 + start },
            target, geometry.columns.output * geometry.outputs, geometry.outputs,
            geometry.rows.output - place.row, geometry.columns.output - place.column)
        }
      }
    }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix, in lane: Lane
  ) {
    let transforms = transforms(lane.kernels)
    let scratch = lane.scratch
    let paddedGradients = scratch + imageGroup * paddedCount
    let v = paddedGradients + imageGroup * paddedCount
    let m = v + points * inputs.point
    forEachTileBlock(count) { images, tiles in
      if tiles.lowerBound == 0 {
        pad(x, images, into: scratch)
        if dx != nil { paddedGradients.update(repeating: 0, count: images.count * paddedCount) }
      }
      for (slot, tile) in tiles.enumerated() {
        let place = place(of: tile)
        let source =
          dy + (images.lowerBound + place.image) * geometry.outputCount
          + (place.row * geometry.columns.output + place.column) * geometry.outputs
        transforms.output_adjoint(
          source, geometry.columns.output * geometry.outputs, geometry.outputs,
          geometry.rows.output - place.row, geometry.columns.output - place.column,
          m + slot * outputs.width, outputs.point, outputs.block)
      }
      transformInputs(tiles, from: scratch, into: v, transforms)
      addOuterProducts(v, m, tiles.count, to: gradients[lane.worker], lane.kernels)
      guard let dx, let transposed else { return }
      for panel in 0..<inputs.blocks {
        multiply(
          m, outputs, tiles.count, by: transposed + panel * points * transposedPoint,
          transposedPoint, into: v, inputs, block: panel, lane.kernels)
      }
      for (slot, tile) in tiles.enumerated() {
        transforms.input_adjoint(
          v + slot * inputs.width, inputs.point, inputs.block, geometry.inputs,
          paddedGradients + offset(of: place(of: tile)), paddedWidth * geometry.inputs)
      }
      if tiles.upperBound == images.count * tilesPerImage {
        crop(paddedGradients, images, into: dx)
      }
    }
  }

  /// For each point `c_p = a_p · b_p`, into one block of the result's channels.
  private func multiply(
    _ a: UnsafePointer<Float>, _ from: Points, _ tiles: Int, by matrices: UnsafePointer<Float>,
    _ matrixPoint: Int, into c: UnsafeMutablePointer<Float>, _ to: Points, block: Int,
    _ kernels: kernels
  ) {
    var product = product(
      lines: 1, rows: tiles, columns: to.width, segments: from.blocks, length: from.width,
      a: a, a_line: 0, a_row: from.width, a_segment: from.block, panel: matrices, bias: nil,
      c: c + block * to.block, c_line: 0, c_row: to.width, accumulate: 0)
    for _ in 0..<points {
      kernels.multiply(&product)
      product.a += from.point
      product.panel += matrixPoint
      product.c += to.point
    }
  }

  /// For each point and panel `∂U_p += V_pᵀ · ∂M_p`.
  private func addOuterProducts(
    _ v: UnsafePointer<Float>, _ m: UnsafePointer<Float>, _ tiles: Int,
    to du: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    for point in 0..<points {
      for panel in 0..<outputs.blocks {
        var product = outer_product(
          lines: 1, rows: tiles, columns: outputs.width, segments: inputs.blocks,
          length: inputs.width, a: v + point * inputs.point, a_line: 0, a_row: inputs.width,
          a_segment: inputs.block, g: m + point * outputs.point + panel * outputs.block,
          g_line: 0, g_row: outputs.width, d: du + (panel * points + point) * weightPoint)
        kernels.accumulate_outer(&product)
      }
    }
  }

  // MARK: Tiles

  /// Where a tile starts: its image within the group, and its first output.
  private func place(of number: Int) -> (image: Int, row: Int, column: Int) {
    let inImage = number % tilesPerImage
    return (
      number / tilesPerImage, inImage / tileColumns * tile,
      inImage % tileColumns * tile
    )
  }

  /// Where a tile's inputs start in the padded images of a group.
  private func offset(of place: (image: Int, row: Int, column: Int)) -> Int {
    place.image * paddedCount + (place.row * paddedWidth + place.column) * geometry.inputs
  }

  /// Calls `body` for each block of tiles of each group of images, all in order.
  private func forEachTileBlock(
    _ count: Int, _ body: (_ images: Range<Int>, _ tiles: Range<Int>) -> Void
  ) {
    var first = 0
    while first < count {
      let images = first..<min(first + imageGroup, count)
      let total = images.count * tilesPerImage
      let blocks = (total + Self.mostTiles - 1) / Self.mostTiles
      for block in 0..<blocks {
        body(images, total * block / blocks..<total * (block + 1) / blocks)
      }
      first = images.upperBound
    }
  }

  private func transformInputs(
    _ tiles: Range<Int>, from images: UnsafePointer<Float>, into v: UnsafeMutablePointer<Float>,
    _ transforms: winograd
  ) {
    for (slot, tile) in tiles.enumerated() {
      transforms.input(
        images + offset(of: place(of: tile)), paddedWidth * geometry.inputs, geometry.inputs,
        v + slot * inputs.width, inputs.point, inputs.block)
    }
  }

  private func pad(
    _ x: UnsafePointer<Float>, _ images: Range<Int>, into padded: UnsafeMutablePointer<Float>
  ) {
    let g = geometry
    for (slot, image) in images.enumerated() {
      let target = padded + slot * paddedCount
      let copy = PaddedImage(
        x + image * g.inputCount, height: g.rows.input, width: g.columns.input,
        channels: g.inputs,
        rowZeros: (g.rows.before, paddedHeight - g.rows.before - g.rows.input),
        columnZeros: (g.columns.before, paddedWidth - g.columns.before - g.columns.input),
        in: target)
      if copy.base != UnsafePointer(target) {
        target.update(from: copy.base, count: paddedCount)
      }
    }
  }

  private func crop(
    _ padded: UnsafePointer<Float>, _ images: Range<Int>, into dx: UnsafeMutablePointer<Float>
  ) {
    let g = geometry
    let row = g.columns.input * g.inputs
    for (slot, image) in images.enumerated() {
      let source =
        padded + slot * paddedCount + (g.rows.before * paddedWidth + g.columns.before) * g.inputs
      let target = dx + image * g.inputCount
      for r in 0..<g.rows.input {
        (target + r * row).update(from: source + r * paddedWidth * g.inputs, count: row)
      }
    }
  }
}
