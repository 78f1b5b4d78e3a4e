import CKernels
import Tensors

/// The passes of a convolution by Winograd's method F(m×n, r×r) (lecture row L22).
///
/// The outputs are divided into tiles of m×n. Each tile reads a tile of (m + r − 1)·(n + r − 1)
/// inputs. At the points of Toom and Cook's method (see `winograd-points.h`) the convolution of a
/// tile is one product for each point, summed over channels. For each point, the products of all
/// tiles are therefore one matrix product:
///
///     forward   M_p = V_p · U_p                with V = Bᵀ x B, U = G w Gᵀ, y = Aᵀ M A
///     data      ∂V_p = ∂M_p · U_pᵀ             with ∂M = A ∂y Aᵀ, ∂x = Σ_tiles B ∂V Bᵀ
///     weights   ∂U_p += V_pᵀ · ∂M_p            with ∂w = Gᵀ ∂U G
///
/// (Lavin and Gray 2015, section 4; the matrices on the left belong to the axis of m, those on the
/// right to the axis of n.) The backward passes are the exact adjoints of the forward pass. F(4×4,
/// 3×3) takes 36 multiplications where the direct algorithm takes 144, F(8×4, 3×3) 60 instead of
/// 288, F(5×5, 5×5) 81 instead of 625. The transforms cost a part of this gain, and more points
/// cost more precision (`docs/numerics.md`). ``WinogradTiling`` chooses the tile.
///
/// A convolution of a greater stride, or of a kernel of more than 7 taps along an axis, is computed over
/// phases and parts of its input (``ConvolutionPhases``). Zeros fill the channels of `U` up to a multiple of 16, those of `V`
/// and `M` up to one of 8 at least. If `U` is too large for a core's cache, the layer takes the whole batch
/// (`WinogradConvolution+Batch.swift`).
final class WinogradConvolution: ConvolutionAlgorithm, BatchConvolutionPasses {
  static let name = "winograd"
  static let scope =
    "square kernels that are 2 to 14 times as large as the stride, or up to one stride less"

  static func supports(_ g: ConvolutionGeometry) -> Bool {
    guard g.rows.kernel == g.columns.kernel, g.rows.stride == g.columns.stride else { return false }
    let phases = ConvolutionPhases(g)
    return phases.copies <= 4
      && !WinogradTiling.Tile.all(kernel: phases.inner.rows.kernel).isEmpty
  }

  static func cost(of geometry: ConvolutionGeometry, part: ConvolutionPart?) -> ConvolutionCost? {
    .winograd(WinogradConvolution(geometry), part: part)
  }

  /// The images, and their rearrangement as images of phases.
  let phases: ConvolutionPhases
  let tiling: WinogradTiling
  /// The convolution of stride 1 over phases.
  let geometry: ConvolutionGeometry
  /// The number of points of a tile, and along the axis of its columns.
  let points: Int
  let pointColumns: Int
  let nonzeroChannels: NonzeroChannels
  let arena = Arena()
  /// `U`, then `Uᵀ`, and each thread's `∂U`: for each panel and point a matrix with panel rows.
  private(set) var transformed: UnsafeMutablePointer<Float>?
  private(set) var transposed: UnsafeMutablePointer<Float>?
  private(set) var gradients: [WinogradGradient] = []
  /// The weights that ``prepareForward(_:in:)`` read last, as those over phases; the
  /// layer's own weights for stride 1.
  private var arrangedWeight: UnsafeMutablePointer<Float>?

  /// The number of tiles in a block: two register blocks of the widest kernels. The last block also
  /// takes the remainder of less than one register block.
  static let tileBlock = 28
  static let mostTiles = tileBlock + tileBlock / 2 - 1
  /// The most points of a block's inputs that are computed at a time, in floats, so that products read them from a
  /// core's cache. Products of more input channels are added in parts.
  private static let heldInputPoints = (512 << 10) / MemoryLayout<Float>.stride

  convenience init(_ geometry: ConvolutionGeometry) {
    self.init(geometry, tile: WinogradTiling.tile(for: geometry))
  }

  init(_ geometry: ConvolutionGeometry, tile: WinogradTiling.Tile) {
    phases = ConvolutionPhases(geometry)
    self.geometry = phases.inner
    tiling = WinogradTiling(phases.inner, tile: tile)
    points = tiling.points
    pointColumns = tiling.tile.pointExtents(kernel: phases.inner.rows.kernel).columns
    nonzeroChannels = phases.nonzeroChannels
    let tiles = min(Self.tileBlock, geometry.use.callExamples * tiling.tilesPerImage)
    inputs = WinogradPoints(
      channels: phases.inner.inputChannels, tiles: Self.mostTiles,
      heldChannels: Self.heldInputPoints / (points * tiles))
    outputs = WinogradPoints(channels: phases.inner.outputChannels, tiles: Self.mostTiles)
  }

  /// The layouts of the points of a block of tiles.
  let inputs: WinogradPoints
  let outputs: WinogradPoints

  func transforms(_ kernels: kernels) -> winograd {
    withUnsafeBytes(of: kernels.winograd) { bytes in
      bytes.bindMemory(to: winograd.self).first {
        Int($0.tile_rows) == tiling.tile.rows && Int($0.tile_columns) == tiling.tile.columns
          && $0.taps == geometry.rows.kernel
      }!
    }
  }

  /// The maximum number of images that a block of tiles can touch, one of them begun in the block
  /// before.
  var heldImages: Int {
    (Self.mostTiles + tiling.tilesPerImage - 1) / tiling.tilesPerImage + 1
  }

  /// The size of the ring of padded images in floats.
  var heldImageCount: Int { Arena.alignedCount(heldImages * tiling.paddedCount) }

  /// The sizes of a block's points of inputs and of outputs, in floats, in either layout. Sums that are added in parts
  /// have memory for all slices.
  var inputPointCount: Int { max(points * inputs.point, sliceCount) }
  private var outputPointCount: Int {
    max(points * outputs.point, inputs.holdsAll ? sliceCount : weights.panels * sliceCount)
  }
  private var sliceCount: Int { Self.mostTiles * WinogradSlice.mostFloats(points: points) }

  /// The memory of the passes, or of the taps that ``transposeWeights(into:in:)`` and ``addWeights(_:panel:to:_:_:)``
  /// store.
  var scratchCount: Int {
    let taps = geometry.rows.kernel * geometry.columns.kernel
    return max(
      2 * heldImageCount + inputPointCount + outputPointCount,
      taps * PanelMatrix.panelWidth * PanelMatrix.panelWidth,
      phases.isTrivial ? 0 : phases.panelCount)
  }

  // MARK: Weights

  /// The layouts of `U` and `∂U`, and of `Uᵀ`.
  var weights: WinogradWeights {
    WinogradWeights(rows: tiling.inputs, columns: tiling.outputs, points: points)
  }
  var transposedWeights: WinogradWeights {
    WinogradWeights(rows: tiling.outputs, columns: tiling.inputs, points: points)
  }

  /// Sets `U = G w Gᵀ`.
  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    let weight = arranged(weight, in: context)
    let layout = weights
    let u = transformed ?? arena.floats(layout.count)
    transformed = u
    let transforms = transforms(context.kernels)
    context.pool.run(weight.panelCount) { index, _ in
      transforms.weights(
        weight.panel(index), geometry.inputChannels, layout.width(ofPanel: index),
        u + layout.offset(ofPanel: index), layout.point(ofPanel: index))
    }
  }

  /// The weights of the convolution over phases.
  private func arranged(_ weight: PanelMatrix, in context: Context) -> PanelMatrix {
    guard !phases.isTrivial else {
      arrangedWeight = weight.base
      return weight
    }
    let memory = arrangedWeight ?? arena.floats(phases.weightCount)
    arrangedWeight = memory
    let target = phases.matrix(at: memory)
    context.pool.run(weight.panelCount) { panel, _ in
      phases.arrange(weight, into: target, panel: panel)
    }
    return target
  }

  /// Computes `Uᵀ`, and allocates each thread's `∂U`.
  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    while gradients.count < context.threadCount {
      gradients.append(WinogradGradient(count: weights.count, in: arena))
    }
    guard givesInputGradient else { return }
    transposeWeights(into: transposed ?? arena.floats(transposedWeights.count), in: context)
  }

  /// Computes `Uᵀ = G wᵀ Gᵀ` in `memory`. It transposes the taps, of which there are fewer than
  /// points. The columns of channels that fill the last panel are arbitrary: their results are
  /// cropped.
  func transposeWeights(into memory: UnsafeMutablePointer<Float>, in context: Context) {
    guard let arrangedWeight else {
      preconditionFailure("the forward pass was not prepared")
    }
    let weight = phases.matrix(at: arrangedWeight)
    transposed = memory
    let transforms = transforms(context.kernels)
    let (fromLayout, toLayout) = (weights, transposedWeights)
    let taps = geometry.rows.kernel * geometry.columns.kernel
    let panels = toLayout.panels
    context.pool.run(panels * weight.panelCount) { task, worker in
      let (from, to) = (task / panels, task % panels)
      let (rows, width) = (fromLayout.width(ofPanel: from), toLayout.width(ofPanel: to))
      let first = to * PanelMatrix.panelWidth
      let columns = min(width, geometry.inputChannels - first)
      let turned = context.scratch(of: worker)
      for tap in 0..<taps {
        context.kernels.transpose(
          weight.panel(from) + (tap * geometry.inputChannels + first) * rows, columns, rows, rows,
          turned + tap * rows * width, width)
      }
      transforms.weights(
        turned, rows, width,
        memory + toLayout.offset(ofPanel: to) + from * PanelMatrix.panelWidth * width,
        toLayout.point(ofPanel: to))
    }
  }

  func beginBackward(in lane: Lane) {
    gradients[lane.worker.index].isZero = true
  }

  /// Adds `Gᵀ ∂U G`.
  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    let sums = gradients[lane.worker.index]
    guard !sums.isZero else { return }
    lane.worker.share(gradient.panelCount) { panel, worker in
      addWeights(sums.base, panel: panel, to: gradient, worker)
    }
  }

  func addWeights(
    _ du: UnsafePointer<Float>, panel: Int, to gradient: PanelMatrix, _ worker: Worker
  ) {
    let transforms = transforms(worker.kernels)
    let layout = weights
    let from = du + layout.offset(ofPanel: panel)
    let (point, width) = (layout.point(ofPanel: panel), layout.width(ofPanel: panel))
    guard !phases.isTrivial else {
      transforms.weights_adjoint(
        from, point, geometry.inputChannels, width, gradient.panel(panel))
      return
    }
    worker.scratch.update(repeating: 0, count: phases.panelCount)
    transforms.weights_adjoint(from, point, geometry.inputChannels, width, worker.scratch)
    phases.addWeights(worker.scratch, to: gradient, panel: panel, worker.kernels)
  }
}
