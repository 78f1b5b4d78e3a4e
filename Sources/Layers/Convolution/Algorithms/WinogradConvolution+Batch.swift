import CKernels
import Tensors

/// Winograd's backward pass on the whole batch with all threads, for weights larger than a core's
/// cache, or larger than half of it on small images.
///
/// The tiles of a few images do not amortize reading `U` and `∂U` from memory. Each block of images
/// therefore takes two steps. First the threads share groups of images, and store the points `V`
/// and `∂M` of their tiles in shared scratch (``WinogradBatchMemory``). Then the threads share the
/// points: for each point, one thread sums `∂U_p += V_pᵀ · ∂M_p` over all tiles of the block, in
/// order. There is one `∂U` for all threads, and neither groups nor threads change a bit of it.
extension WinogradConvolution {
  /// The size of `U`, in floats, above which `U` and the tiles do not fit a second-level cache
  /// together.
  static let greatestWeight = (1 << 20) / MemoryLayout<Float>.stride
  /// The size of the points that are stored at a time, in floats: a core's share of the third-level
  /// cache.
  private static let heldPoints = (4 << 20) / MemoryLayout<Float>.stride

  /// True if `U` does not stay in a core's cache while a few examples are computed.
  var exceedsCache: Bool { weights.count > Self.greatestWeight }

  /// A lane transforms its `∂U` back. The tiles of a lane do not amortize this for a large `U` if they do not fill a
  /// register block.
  var takesWholeBatch: Bool {
    let use = geometry.use
    let amortizes =
      use.isInference || use.callExamples * tiling.tilesPerImage >= Self.tileBlock / 2
    return exceedsCache || !amortizes && weights.count > Self.greatestWeight / 2
  }

  /// The images of a group: the minimum number whose tiles fill register blocks, or nearly fill
  /// them.
  var groupImages: Int {
    let tiles = tiling.tilesPerImage
    let whole = (1...Self.tileBlock).first { $0 * tiles % Self.tileBlock == 0 }!
    return whole * tiles <= 2 * Self.tileBlock ? whole : max(1, Self.mostTiles / tiles)
  }

  private func groupPoints(ofImages groupImages: Int) -> WinogradGroupPoints {
    WinogradGroupPoints(
      inputChannels: geometry.inputChannels, outputChannels: geometry.outputChannels,
      tiles: groupImages * tiling.tilesPerImage, points: points)
  }

  /// The maximum number of groups, for this many examples, whose points are stored at a time. There
  /// is at least one per thread.
  private func heldGroups(of examples: Int, groupImages: Int, threads: Int) -> Int {
    min(
      (examples + groupImages - 1) / groupImages,
      max(threads, Self.heldPoints / groupPoints(ofImages: groupImages).count))
  }

  func sharedScratchCount(of examples: Int, threads: Int) -> Int {
    // Fewer examples than these may have groups of another size.
    let points = ((groupImages + 1) / 2...groupImages).map { size in
      heldGroups(of: examples, groupImages: size, threads: threads)
        * groupPoints(ofImages: size).count
    }
    return weights.count + transposedWeights.count + points.max()!
  }

  func backward(
    _ x: Examples, _ dy: Examples, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?,
    sharedScratch: UnsafeMutablePointer<Float>, exchange: ChainExchange?, batch: Int,
    in context: Context
  ) {
    let groupImages = ExampleGroup.size(
      of: count, least: groupImages, threads: context.threadCount)
    // A process that waits for the sums of others holds the points of all its examples.
    let heldGroups = heldGroups(
      of: count, groupImages: groupImages,
      threads: exchange == nil ? context.threadCount : max(count, context.threadCount))
    let memory = memory(at: sharedScratch, groups: heldGroups, groupImages: groupImages)
    if dx != nil { transposeWeights(into: memory.transposedWeights, in: context) }
    if let exchange {
      ExampleGroup.forEach(of: 0..<count, size: groupImages, in: context) { group in
        backward(gradient == nil ? nil : x, dy, into: dx, of: group, memory)
      }
      guard let gradient else { return }
      if let shared = exchange.shared {
        exchange.setGroupImages(groupImages, own: sharedScratch)
        return shareWeightGradient(
          sharedScratch, batch: batch, exchange, shared, to: gradient, in: context)
      }
      relayWeightGradient(memory, images: count, among: exchange.group, in: context)
      guard exchange.group.rank == exchange.group.count - 1 else { return }
      addWeights(memory, to: gradient, in: context)
      return
    }
    let block = heldGroups * groupImages
    for first in stride(from: 0, to: count, by: block) {
      let images = first..<min(first + block, count)
      ExampleGroup.forEach(of: images, size: groupImages, in: context) { group in
        backward(gradient == nil ? nil : x, dy, into: dx, of: group, memory)
      }
      guard gradient != nil else { continue }
      context.pool.run(points) { point, _ in
        addOuterProducts(
          memory, images: images.count, point: point, isFirst: first == 0, context.kernels)
      }
    }
    if let gradient { addWeights(memory, to: gradient, in: context) }
  }

  /// The layout of the shared scratch of a process that holds the points of so many groups.
  func memory(
    at sharedScratch: UnsafeMutablePointer<Float>, groups: Int, groupImages: Int
  ) -> WinogradBatchMemory {
    WinogradBatchMemory(
      at: sharedScratch, weights: weights.count, transposedWeights: transposedWeights.count,
      groups: groups, layout: groupPoints(ofImages: groupImages))
  }

  private func addWeights(
    _ memory: WinogradBatchMemory, to gradient: PanelMatrix, in context: Context
  ) {
    context.pool.run(gradient.panelCount) { panel, worker in
      addWeights(
        memory.weightGradient, panel: panel, to: gradient, Worker(worker, of: context))
    }
  }

  /// Stores the points of a group of images, and sets `dx` unless it is nil.
  ///
  /// All tiles of an image are transformed as soon as the image is read.
  ///
  /// - Parameter x: nil if the weights need no gradient.
  private func backward(
    _ x: Examples?, _ dy: Examples, into dx: UnsafeMutablePointer<Float>?,
    of group: ExampleGroup, _ memory: WinogradBatchMemory
  ) {
    let worker = group.worker
    let transforms = transforms(worker.kernels)
    let scratch = WinogradScratch(at: worker.scratch, of: self)
    let first = group.examples.lowerBound
    let layout = memory.layout
    let (v, m) = (memory.v(ofGroup: group.index), memory.m(ofGroup: group.index))
    let perImage = tiling.tilesPerImage
    forEachTileBlock(of: group.examples.count) { tiles in
      for image in begun(tiles) {
        let tile = image * perImage
        if let x {
          pad(
            x.values(of: first + image, on: worker), 0, into: scratch.paddedInputs,
            worker.kernels)
          transformInputs(
            0..<perImage, of: scratch.paddedInputs, into: v + tile * layout.inputs.width,
            layout.inputs, transforms, on: worker)
        }
        transformGradients(
          0..<perImage, of: dy.values(of: first + image, on: worker),
          into: m + tile * layout.outputs.width, layout.outputs, transforms, on: worker)
      }
      guard let dx else { return }
      addInputGradients(
        tiles, from: m + tiles.lowerBound * layout.outputs.width, layout.outputs,
        padded: scratch.paddedGradients, into: dx + first * phases.outer.inputCount, on: worker)
    }
  }

  /// Adds `∂U_p += V_pᵀ · ∂M_p` for one point: all full groups in one product, then the last,
  /// smaller one.
  ///
  /// - Parameter isFirst: true if the sums begin with zeros instead of what `∂U` holds.
  private func addOuterProducts(
    _ memory: WinogradBatchMemory, images: Int, point: Int, isFirst: Bool, _ kernels: kernels
  ) {
    for panel in 0..<weights.panels {
      addOuterProduct(memory, images: images, point: point, panel: panel, isFirst: isFirst, kernels)
    }
  }

  /// The same for the output channels of one panel.
  ///
  /// - Parameters:
  ///   - target: `∂U`; nil for that of `memory`.
  ///   - isFirst: true if the sums begin with zeros instead of what `∂U` holds.
  func addOuterProduct(
    _ memory: WinogradBatchMemory, images: Int, point: Int, panel: Int,
    to target: UnsafeMutablePointer<Float>? = nil, isFirst: Bool = false, _ kernels: kernels
  ) {
    let layout = memory.layout
    let full = images * tiling.tilesPerImage / layout.tiles
    let rest = images * tiling.tilesPerImage % layout.tiles
    let inputBlocks = layout.inputs.blocks(of: nonzeroInputs(at: point))
    let target = target ?? memory.weightGradient
    let isLast = panel == weights.panels - 1
    let lastColumns = layout.outputs.columns(ofBlock: layout.outputs.blocks - 1)
    if isFirst,
      inputBlocks.count < layout.inputs.blocks || isLast && lastColumns < layout.outputs.width
    {
      // What is left out has no product that begins with zeros.
      (target + weights.offset(ofPanel: panel, point: point)).update(
        repeating: 0, count: weights.point(ofPanel: panel))
    }
    let v = memory.v(ofGroup: 0) + point * layout.inputs.point
    let m = memory.m(ofGroup: 0) + point * layout.outputs.point
    let blocksOfPanel = PanelMatrix.panelWidth / layout.outputs.width
    let blocks = panel * blocksOfPanel..<min((panel + 1) * blocksOfPanel, layout.outputs.blocks)
    for block in blocks {
      let place = place(ofBlock: block, in: layout.outputs, point: point)
      layout.inputs.forEachRun(of: inputBlocks) { inputs, length in
        var product = outer_product(
          lines: full, rows: layout.tiles, columns: layout.outputs.columns(ofBlock: block),
          segments: inputs.count, length: length, a: v + inputs.lowerBound * layout.inputs.block,
          a_line: layout.inputCount, a_row: layout.inputs.width, a_segment: layout.inputs.block,
          g: m + block * layout.outputs.block, g_line: layout.outputCount,
          g_row: layout.outputs.width,
          d: target + place.first + inputs.lowerBound * layout.inputs.width * place.row,
          d_row: place.row, accumulate: isFirst ? 0 : 1)
        if full > 0 {
          kernels.accumulate_outer(&product)
          product.accumulate = 1
        }
        guard rest > 0 else { return }
        product.lines = 1
        product.rows = rest
        product.a += full * layout.inputCount
        product.g += full * layout.outputCount
        kernels.accumulate_outer(&product)
      }
    }
  }
}
