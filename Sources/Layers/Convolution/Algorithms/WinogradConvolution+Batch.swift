import CKernels
import Tensors

/// Winograd's backward pass on the whole batch with all threads, for weights too large for a core's cache.
///
/// There the tiles of a few images would not pay for reading `U` and `∂U` from memory. So threads
/// share out groups of images, whose points `V` and `∂M` they leave in common memory; and then share
/// out the points, each of which sums `∂U_p = V_pᵀ · ∂M_p` over all tiles at once. Every sum is one
/// chain in the order of the tiles, so neither groups nor threads matter to the bit, and no lane needs
/// a gradient of its own.
extension WinogradConvolution {
  /// Floats of `U` above which it does not share a second-level cache with the tiles.
  private static let greatestWeight = (1 << 20) / MemoryLayout<Float>.stride
  /// Floats of the points that are held at once: what a core may have for itself of the third-level
  /// cache, or a group for each thread.
  private static let workspace = (4 << 20) / MemoryLayout<Float>.stride

  var takesWholeBatch: Bool { weightCount > Self.greatestWeight }

  /// The images of a group, whose points lie together: as few as fill register blocks, or nearly.
  var groupImages: Int {
    let tiles = tiling.tilesPerImage
    let whole = (1...Self.tileBlock).first { $0 * tiles % Self.tileBlock == 0 }!
    return whole * tiles <= 2 * Self.tileBlock ? whole : max(1, Self.mostTiles / tiles)
  }

  /// The tiles of a group of images.
  private var groupTiles: Int { groupImages * tiling.tilesPerImage }

  /// The points of a group, which lie together lest the pieces of a large batch share few places of
  /// the cache.
  private struct Group {
    let inputs: WinogradPoints
    let outputs: WinogradPoints
    /// Floats of all points.
    let inputCount: Int
    let outputCount: Int
  }

  private var group: Group {
    let inputs = WinogradPoints(channels: tiling.inputs, tiles: groupTiles)
    let outputs = WinogradPoints(channels: geometry.outputs, tiles: groupTiles)
    return Group(
      inputs: inputs, outputs: outputs, inputCount: points * inputs.point,
      outputCount: points * outputs.point)
  }

  /// The most groups, of so many examples, whose points are held at once.
  private func heldGroups(of examples: Int, threads: Int) -> Int {
    let group = group
    return min(
      (examples + groupImages - 1) / groupImages,
      max(threads, Self.workspace / (group.inputCount + group.outputCount)))
  }

  /// Floats for `∂U` and `Uᵀ`, and for the points that are held at once.
  func workspaceCount(of examples: Int, threads: Int) -> Int {
    weightCount + transposedCount
      + heldGroups(of: examples, threads: threads) * (group.inputCount + group.outputCount)
  }

  func backward(
    _ x: Examples, _ dy: Examples, count: Int, weight: PanelMatrix,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?,
    workspace: UnsafeMutablePointer<Float>, in context: Context
  ) {
    let group = group
    let most = heldGroups(of: count, threads: context.threadCount)
    let du = workspace
    let v = du + weightCount + transposedCount
    let m = v + most * group.inputCount
    if dx != nil { transposeWeights(weight, into: du + weightCount, in: context) }
    for first in stride(from: 0, to: count, by: most * groupImages) {
      let images = first..<min(first + most * groupImages, count)
      forEachGroup(of: images, in: context) { number, images, lane in
        backward(
          gradient == nil ? nil : x, dy, images, into: dx, v: v + number * group.inputCount,
          m: m + number * group.outputCount, group, in: lane)
      }
      guard gradient != nil else { continue }
      context.pool.run(points) { point, _ in
        if first == 0 { zeroWeights(du, point: point) }
        addOuterProducts(
          v + point * group.inputs.point, m + point * group.outputs.point, group,
          images: images.count, point: point, to: du, context.kernels)
      }
    }
    guard let gradient else { return }
    context.pool.run(gradient.panelCount) { panel, _ in
      addWeights(du, panel: panel, to: gradient, context.kernels)
    }
  }

  /// The points of a group of images, those of the inputs if there are any, and their gradient.
  ///
  /// All tiles of an image are transformed once it is read, shortly before the first of them is wanted.
  private func backward(
    _ x: Examples?, _ dy: Examples, _ images: Range<Int>,
    into dx: UnsafeMutablePointer<Float>?, v: UnsafeMutablePointer<Float>,
    m: UnsafeMutablePointer<Float>, _ group: Group, in lane: Lane
  ) {
    let transforms = transforms(lane.kernels)
    let padded = lane.scratch
    let paddedGradients = padded + heldImages * tiling.paddedCount
    let memory = paddedGradients + heldImages * tiling.paddedCount
    let perImage = tiling.tilesPerImage
    forEachTileBlock(of: images.count) { tiles in
      for image in begun(tiles) {
        let first = image * perImage
        if let x {
          pad(x.values(of: images.lowerBound + image, in: lane), 0, into: padded)
          transformInputs(
            0..<perImage, of: padded, into: v + first * group.inputs.width, group.inputs,
            transforms)
        }
        transformGradients(
          0..<perImage, of: dy.values(of: images.lowerBound + image, in: lane),
          into: m + first * group.outputs.width, group.outputs, transforms)
      }
      guard let dx else { return }
      addInputGradients(
        tiles, from: m + tiles.lowerBound * group.outputs.width, group.outputs, by: memory,
        paddedGradients, into: dx + images.lowerBound * geometry.inputCount, transforms,
        lane.kernels)
    }
  }

  /// For one point `∂U_p += V_pᵀ · ∂M_p`, over full groups together and then the rest.
  private func addOuterProducts(
    _ v: UnsafePointer<Float>, _ m: UnsafePointer<Float>, _ group: Group, images: Int, point: Int,
    to du: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    let full = images / groupImages
    let rest = images % groupImages * tiling.tilesPerImage
    for panel in 0..<group.outputs.blocks {
      var product = outer_product(
        lines: full, rows: groupTiles, columns: group.outputs.width,
        segments: group.inputs.blocks, length: group.inputs.width, a: v,
        a_line: group.inputCount, a_row: group.inputs.width, a_segment: group.inputs.block,
        g: m + panel * group.outputs.block, g_line: group.outputCount, g_row: group.outputs.width,
        d: du + (panel * points + point) * weightPoint)
      if full > 0 { kernels.accumulate_outer(&product) }
      guard rest > 0 else { continue }
      product.lines = 1
      product.rows = rest
      product.a += full * group.inputCount
      product.g += full * group.outputCount
      kernels.accumulate_outer(&product)
    }
  }

  private func zeroWeights(_ du: UnsafeMutablePointer<Float>, point: Int) {
    for panel in 0..<outputs.blocks {
      (du + (panel * points + point) * weightPoint).update(repeating: 0, count: weightPoint)
    }
  }

  /// Calls `body` for groups of images, all of which the threads share.
  private func forEachGroup(
    of images: Range<Int>, in context: Context,
    _ body: (_ number: Int, _ images: Range<Int>, _ lane: Lane) -> Void
  ) {
    context.pool.run((images.count + groupImages - 1) / groupImages) { number, worker in
      let first = images.lowerBound + number * groupImages
      body(
        number, first..<min(first + groupImages, images.upperBound),
        Lane(index: number, worker: worker, of: context))
    }
  }
}
