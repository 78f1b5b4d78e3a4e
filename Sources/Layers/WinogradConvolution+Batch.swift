import CKernels
import Tensors

/// Winograd's passes on the whole batch with all threads, for weights too large for a core's cache.
///
/// There the tiles of a few images would not pay for reading `U` and `∂U` from memory. So threads
/// share out groups of images, whose points `V` and `∂M` they leave in common memory; and then share
/// out the points, each of which sums `∂U_p = V_pᵀ · ∂M_p` over all tiles at once. Every sum is one
/// chain in the order of the tiles, so neither groups nor threads matter to the bit, and no lane needs
/// a gradient of its own.
extension WinogradConvolution {
  /// Floats of `U` above which it does not share a second-level cache with the tiles.
  private static let greatestWeight = (1 << 20) / MemoryLayout<Float>.stride
  /// Floats of the points that are held at once: a part of the third-level cache.
  private static let greatestWorkspace = (24 << 20) / MemoryLayout<Float>.stride

  var takesWholeBatch: Bool { weightCount > Self.greatestWeight }

  private var groupImages: Int { max(1, Self.mostTiles / tiling.tilesPerImage) }

  /// The most images, of so many, whose points are held at once.
  private func chunkImages(of examples: Int) -> Int {
    let perImage = tiling.tilesPerImage * points * (tiling.inputs + geometry.outputs)
    return min(examples, max(1, Self.greatestWorkspace / perImage))
  }

  private func layouts(of examples: Int) -> (inputs: WinogradPoints, outputs: WinogradPoints) {
    let tiles = chunkImages(of: examples) * tiling.tilesPerImage
    return (
      WinogradPoints(channels: tiling.inputs, tiles: tiles),
      WinogradPoints(channels: geometry.outputs, tiles: tiles)
    )
  }

  func workspaceCount(of examples: Int) -> Int {
    let layouts = layouts(of: examples)
    return points * (layouts.inputs.point + layouts.outputs.point)
  }

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in context: Context
  ) {
    forEachGroup(of: 0..<count, in: context) { images, lane in
      forward(
        x + images.lowerBound * geometry.inputCount, count: images.count, weight: weight,
        bias: bias, into: y + images.lowerBound * geometry.outputCount, in: lane)
    }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?,
    workspace: UnsafeMutablePointer<Float>, in context: Context
  ) {
    let layouts = layouts(of: count)
    let v = workspace
    let m = v + points * layouts.inputs.point
    let du = self.gradient(ofWorker: 0)
    if gradient != nil { du.update(repeating: 0, count: weightCount) }
    let chunks = (count + chunkImages(of: count) - 1) / chunkImages(of: count)
    for number in 0..<chunks {
      let chunk = count * number / chunks..<count * (number + 1) / chunks
      forEachGroup(of: chunk, in: context) { images, lane in
        let slot = (images.lowerBound - chunk.lowerBound) * tiling.tilesPerImage
        backward(
          gradient == nil ? nil : x, dy, images, into: dx, v: v + slot * layouts.inputs.width,
          layouts.inputs,
          m: m + slot * layouts.outputs.width, layouts.outputs, in: lane)
      }
      guard gradient != nil else { continue }
      context.pool.run(points) { point, _ in
        addOuterProducts(
          v + point * layouts.inputs.point, layouts.inputs, m + point * layouts.outputs.point,
          layouts.outputs, chunk.count * tiling.tilesPerImage, point: point, to: du,
          context.kernels)
      }
    }
    guard let gradient else { return }
    context.pool.run(gradient.panelCount) { panel, _ in
      addWeights(du, panel: panel, to: gradient, context.kernels)
    }
  }

  /// The points of a group of images, those of the inputs if there are any, and their gradient.
  private func backward(
    _ x: UnsafePointer<Float>?, _ dy: UnsafePointer<Float>, _ images: Range<Int>,
    into dx: UnsafeMutablePointer<Float>?, v: UnsafeMutablePointer<Float>,
    _ inputLayout: WinogradPoints, m: UnsafeMutablePointer<Float>, _ outputLayout: WinogradPoints,
    in lane: Lane
  ) {
    let transforms = transforms(lane.kernels)
    let padded = lane.scratch
    let paddedGradients = padded + groupImages * tiling.paddedCount
    let memory = paddedGradients + groupImages * tiling.paddedCount
    if let x { pad(x, images, into: padded) }
    if dx != nil {
      paddedGradients.update(repeating: 0, count: images.count * tiling.paddedCount)
    }
    let total = images.count * tiling.tilesPerImage
    for first in stride(from: 0, to: total, by: Self.mostTiles) {
      let tiles = first..<min(first + Self.mostTiles, total)
      let dm = m + first * outputLayout.width
      if x != nil {
        transformInputs(
          tiles, of: padded, into: v + first * inputLayout.width, inputLayout, transforms)
      }
      transformGradients(
        tiles, of: dy + images.lowerBound * geometry.outputCount, into: dm, outputLayout,
        transforms)
      guard dx != nil else { continue }
      addInputGradients(
        tiles, from: dm, outputLayout, by: memory, to: paddedGradients, transforms, lane.kernels)
    }
    if let dx { crop(paddedGradients, images, into: dx) }
  }

  /// Calls `body` for groups of images, all of which the threads share.
  private func forEachGroup(
    of images: Range<Int>, in context: Context, _ body: (_ images: Range<Int>, _ lane: Lane) -> Void
  ) {
    let groups = (images.count + groupImages - 1) / groupImages
    context.pool.run(groups) { group, worker in
      let first = images.lowerBound + images.count * group / groups
      let end = images.lowerBound + images.count * (group + 1) / groups
      body(first..<end, Lane(index: group, worker: worker, of: context))
    }
  }
}
