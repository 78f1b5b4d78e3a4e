import CKernels
import Tensors

/// Winograd's passes on the examples of a call: forward, and backward where a lane has its own `∂U`.
///
/// Threads that share an example each compute some tiles or channels in their own memory, from the image to the
/// result. They compute some points twice, which takes less time than to wait for each other after each step and to
/// read points from each other's caches.
extension WinogradConvolution {
  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    let shape: Shape = [
      count, geometry.rows.output, geometry.columns.output, geometry.outputChannels,
    ]
    forward(
      Examples(at: x, countPerExample: phases.outer.inputCount), 0..<count, bias: bias,
      into: Outputs(Tensor(shape, at: y)), in: lane.worker
    ) { _, _ in }
  }

  /// Whole rows of tiles that fill a block.
  var rowsAtATime: Int? {
    (Self.tileBlock + tiling.tileColumns - 1) / tiling.tileColumns * tiling.tile.rows
  }

  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    let x = Examples(at: x, countPerExample: phases.outer.inputCount)
    var progress = PaddingProgress()
    forEachBlock(of: tiling.tiles(ofRows: rows)) { tiles in
      pad(tiles, of: x, from: 0, &progress, on: lane.worker)
      forward(tiles, channels: 0..<tiling.outputs, bias: bias, on: lane.worker) { _ in y }
    }
  }

  func forward(
    _ x: Examples, _ examples: Range<Int>, bias: UnsafePointer<Float>?,
    into y: Outputs, in worker: Worker,
    completed: (_ example: Int, _ y: UnsafeMutablePointer<Float>) -> Void
  ) {
    let division =
      worker.threadCount == 1
      ? nil : WinogradDivision(of: self, examples: examples.count, threads: worker.threadCount)
    let first = examples.lowerBound
    var progress = PaddingProgress()
    forEachTileBlock(of: examples.count, parts: division?.blockParts ?? 1) { tiles in
      if let division {
        worker.share(division.count) { part, worker in
          let (tiles, channels) = division.part(part, of: tiles)
          guard !tiles.isEmpty else { return }
          var progress = PaddingProgress()
          pad(tiles, of: x, from: first, &progress, on: worker)
          forward(tiles, channels: channels, bias: bias, on: worker) { y.place(of: first + $0) }
        }
      } else {
        pad(tiles, of: x, from: first, &progress, on: worker)
        forward(tiles, channels: 0..<tiling.outputs, bias: bias, on: worker) {
          y.place(of: first + $0)
        }
      }
      for image in self.completed(tiles) { completed(first + image, y.place(of: first + image)) }
    }
  }

  /// Computes some channels of the outputs of a block of tiles of padded images.
  ///
  /// - Parameter output: the place of an image's outputs.
  private func forward(
    _ tiles: Range<Int>, channels: Range<Int>, bias: UnsafePointer<Float>?, on worker: Worker,
    into output: (_ image: Int) -> UnsafeMutablePointer<Float>
  ) {
    guard let u = transformed else { preconditionFailure("the forward pass was not prepared") }
    let transforms = transforms(worker.kernels)
    let scratch = WinogradScratch(at: worker.scratch, of: self)
    inputs.forEachHeld(at: scratch.v) { blocks, v in
      transformInputs(
        tiles, blocks, of: scratch.paddedInputs, into: v, inputs, transforms, on: worker)
      var m = scratch.m
      WinogradSlice.forEach(of: channels, points: points) { slice in
        multiply(
          v, inputs, tiles.count, by: u, weights, into: m, slice, of: geometry.outputChannels,
          adds: blocks.lowerBound > 0, worker.kernels
        ) { inputs.blocks(of: nonzeroInputs(at: $0)).clamped(to: blocks) }
        if blocks.upperBound == inputs.blocks {
          transformOutputs(tiles, of: m, slice, bias: bias, transforms, into: output)
        }
        // Sums in parts have memory of their own.
        if !inputs.holdsAll { m += Self.mostTiles * slice.tile }
      }
    }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    let (worker, threads) = (lane.worker, lane.worker.threadCount)
    let padded = WinogradScratch(at: worker.scratch, of: self).paddedGradients
    let sums = gradient == nil ? nil : gradients[worker.index]
    let x = Examples(at: x, countPerExample: phases.outer.inputCount)
    let points = Worker.Parts(of: points, among: threads)
    let channels = Worker.Parts(of: tiling.inputs, among: threads, unit: 16)
    var progress = PaddingProgress()
    forEachTileBlock(of: count) { tiles in
      if dx != nil { zeroGradients(begunIn: tiles, padded) }
      if threads == 1, sums != nil { pad(tiles, of: x, from: 0, &progress, on: worker) }
      worker.share(threads) { part, worker in
        if threads > 1, sums != nil {
          var progress = PaddingProgress()
          pad(tiles, of: x, from: 0, &progress, on: worker)
        }
        backward(
          tiles, dy, points: points.range(part), channels: channels.range(part),
          into: dx.map { _ in padded }, addingTo: sums, on: worker)
      }
      sums?.isZero = false
      if let dx { cropGradients(completedIn: tiles, padded, into: dx, worker.kernels) }
    }
  }

  /// Adds some points of `∂U`, and some channels of the gradients with respect to padded images, each unless it is nil.
  private func backward(
    _ tiles: Range<Int>, _ dy: UnsafePointer<Float>, points: Range<Int>, channels: Range<Int>,
    into dx: UnsafeMutablePointer<Float>?, addingTo sums: WinogradGradient?,
    on worker: Worker
  ) {
    let transforms = transforms(worker.kernels)
    let scratch = WinogradScratch(at: worker.scratch, of: self)
    transformGradients(tiles, of: dy, into: scratch.m, outputs, transforms, on: worker)
    if let sums {
      inputs.forEachHeld(at: scratch.v) { blocks, v in
        transformInputs(
          tiles, blocks, of: scratch.paddedInputs, into: v, inputs, transforms, on: worker)
        for point in points {
          addOuterProducts(
            v + point * inputs.point, blocks, inputs, scratch.m + point * outputs.point, outputs,
            tiles.count, point: point, to: sums, worker.kernels)
        }
      }
    }
    guard let dx else { return }
    addInputGradients(
      tiles, from: scratch.m, outputs, channels: channels, by: scratch.v, padded: dx,
      worker.kernels)
  }
}

/// The division of a forward pass among threads that share its examples: into tiles, and into output channels, of which
/// each thread computes some.
struct WinogradDivision {
  /// The number of threads that divide the tiles of a block of tiles that is as much larger.
  let blockParts: Int
  private let tileParts: Int
  private let channels: Worker.Parts

  /// The least number of tiles that a thread takes for itself while there are channels to share: the rows that a
  /// product needs to keep the processor busy, or to amortize reading a large `U`.
  private static func leastTiles(of convolution: WinogradConvolution) -> Int {
    convolution.exceedsCache ? WinogradConvolution.tileBlock / 2 : 4
  }

  init(of convolution: WinogradConvolution, examples: Int, threads: Int) {
    let (tiles, channels) = (convolution.tiling.tilesPerImage, convolution.tiling.outputs)
    let most = min(threads, max(1, tiles / Self.leastTiles(of: convolution)))
    let channelParts = min(threads / most, channels / 16)
    tileParts = min(tiles, threads / channelParts)
    self.channels = Worker.Parts(of: channels, among: channelParts, unit: 16)
    blockParts = examples == 1 ? tileParts : 1
  }

  /// The number of parts.
  var count: Int { tileParts * channels.count }

  /// A part of a block of tiles: its tiles, which may be none, and its channels.
  func part(_ number: Int, of block: Range<Int>) -> (tiles: Range<Int>, channels: Range<Int>) {
    let tiles = Worker.Parts(of: block.count, among: tileParts).range(number / channels.count)
    return (
      block.lowerBound + tiles.lowerBound..<block.lowerBound + tiles.upperBound,
      channels.range(number % channels.count)
    )
  }
}
