import CKernels
import Tensors

/// The passes of a convolution with groups: each block of groups is a convolution of its own, which another
/// algorithm computes (see ``ConvolutionGeometry/block``).
///
/// The channels of a block are copied out of the images of a few examples and back, so that the other
/// algorithms read images without gaps. A copy reads and writes each value once, where the convolution makes
/// `kh·kw·cout/groups` products of it. The weights are copied into one matrix for each block, with zeros
/// between different groups, whose gradients are not read.
final class GroupedConvolution: ConvolutionPasses {
  /// The floats of a block's inputs and outputs that one call should have at hand, if an image is smaller.
  private static let floatsOfCall = 1 << 14
  private static let mostImages = 16

  private let geometry: ConvolutionGeometry
  private let block: ConvolutionGeometry
  /// The algorithm of each block, with its transformed weights.
  private let algorithms: [any ConvolutionPasses]
  /// The most examples whose channels are copied at once.
  private let images: Int
  /// The weights of all blocks.
  private let weights: UnsafeMutablePointer<Float>
  /// The weight gradients of all blocks, for each thread.
  private var gradients: [UnsafeMutablePointer<Float>] = []
  private let arena = Arena()

  init(_ geometry: ConvolutionGeometry, by algorithm: any ConvolutionAlgorithm.Type) {
    self.geometry = geometry
    let block = geometry.block
    self.block = block
    algorithms = (0..<geometry.blockCount).map { _ in
      ConvolutionAlgorithms.make(algorithm, for: block)
    }
    let floats = block.inputCount + block.outputCount
    images = max(1, min(Self.mostImages, Self.floatsOfCall / max(1, floats)))
    weights = arena.floats(geometry.blockCount * Self.weightCount(block))
  }

  // MARK: Memory

  private static func weightCount(_ block: ConvolutionGeometry) -> Int {
    PanelMatrix.storageCount(
      rows: block.rows.kernel * block.columns.kernel * block.inputChannels,
      columns: block.outputChannels)
  }

  /// The matrix of a block in memory of all blocks.
  private func matrix(_ index: Int, at base: UnsafeMutablePointer<Float>) -> PanelMatrix {
    PanelMatrix(
      rows: block.rows.kernel * block.columns.kernel * block.inputChannels,
      columns: block.outputChannels, at: base + index * Self.weightCount(block))
  }

  private var inputMemory: Int { Arena.alignedCount(images * block.inputCount) }
  private var outputMemory: Int { Arena.alignedCount(images * block.outputCount) }
  private var biasMemory: Int { Arena.alignedCount(block.outputChannels) }
  /// The inputs of a block, their gradients, its outputs or their gradients, and its biases.
  private var copyCount: Int { 2 * inputMemory + outputMemory + biasMemory }

  /// The inputs and the outputs of a block, of which the last one may have fewer.
  private func channels(ofBlock index: Int) -> (inputs: Int, outputs: Int) {
    (
      min(block.inputChannels, geometry.inputChannels - index * block.inputChannels),
      min(block.outputChannels, geometry.outputChannels - index * block.outputChannels)
    )
  }

  var scratchCount: Int { copyCount + algorithms[0].scratchCount }

  // MARK: Weights

  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    for (index, algorithm) in algorithms.enumerated() {
      let matrix = matrix(index, at: weights)
      forEachPart(ofBlock: index) { whole, place, rows, columns in
        context.kernels.channels.copy_columns(
          weight.base + whole.first, whole.width, rows, columns, matrix.base + place.first,
          place.width)
      }
      algorithm.prepareForward(matrix, in: context)
    }
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    while gradients.count < context.threadCount {
      gradients.append(arena.floats(algorithms.count * Self.weightCount(block)))
    }
    for (index, algorithm) in algorithms.enumerated() {
      algorithm.prepareBackward(
        matrix(index, at: weights), givesInputGradient: givesInputGradient, in: context)
    }
  }

  func beginBackward(in lane: Lane) {
    gradients[lane.worker.index].update(
      repeating: 0, count: algorithms.count * Self.weightCount(block))
    for algorithm in algorithms { algorithm.beginBackward(in: lane) }
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    for (index, algorithm) in algorithms.enumerated() {
      let matrix = matrix(index, at: gradients[lane.worker.index])
      algorithm.endBackward(addingTo: matrix, in: lane)
      forEachPart(ofBlock: index) { whole, place, rows, columns in
        lane.kernels.channels.add_columns(
          matrix.base + place.first, place.width, rows, columns, gradient.base + whole.first,
          whole.width)
      }
    }
  }

  /// The index of a weight in a matrix, and the floats from row to row there.
  private typealias Place = (first: Int, width: Int)

  /// Calls `body` for the weights of a block's groups, those of a tap and of some columns of a panel at a time.
  ///
  /// - Parameter body: the place of the first weight in the layer's matrix, that in the block's matrix, and the
  ///   rows and columns from there.
  private func forEachPart(
    ofBlock index: Int,
    _ body: (_ whole: Place, _ place: Place, _ rows: Int, _ columns: Int) -> Void
  ) {
    let width = PanelMatrix.panelWidth
    let (inputs, outputs) = (
      geometry.inputChannels / geometry.groups, geometry.outputChannels / geometry.groups
    )
    let taps = block.rows.kernel * block.columns.kernel
    for group in 0..<channels(ofBlock: index).outputs / outputs {
      var first = 0
      while first < outputs {
        let column = index * block.outputChannels + group * outputs + first
        let blockColumn = group * outputs + first
        let count = min(outputs - first, width - column % width, width - blockColumn % width)
        for tap in 0..<taps {
          body(
            place(
              tap * inputs, column, rows: taps * inputs, columns: geometry.outputChannels),
            place(
              tap * block.inputChannels + group * inputs, blockColumn,
              rows: taps * block.inputChannels, columns: block.outputChannels), inputs, count)
        }
        first += count
      }
    }
  }

  private func place(_ row: Int, _ column: Int, rows: Int, columns: Int) -> Place {
    (
      PanelMatrix.offset(row, column, rows: rows, columns: columns),
      PanelMatrix.width(ofPanel: column / PanelMatrix.panelWidth, columns: columns)
    )
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    // Threads that share an example take blocks, if there are enough, and otherwise share each block.
    if lane.worker.threadCount > 1, algorithms.count >= lane.worker.threadCount {
      lane.worker.share(algorithms.count) { index, worker in
        let lane = lane.helped(by: worker)
        for first in stride(from: 0, to: count, by: images) {
          forward(x, first, min(images, count - first), index, bias: bias, into: y, in: lane)
        }
      }
    } else {
      forEachCall(of: count) { first, count, index in
        forward(x, first, count, index, bias: bias, into: y, in: lane)
      }
    }
  }

  /// Computes the outputs of a block for a few examples.
  private func forward(
    _ x: UnsafePointer<Float>, _ first: Int, _ count: Int, _ index: Int,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    let input = lane.scratch
    let output = input + 2 * inputMemory
    copyInputs(from: x, first, count, index, to: input, lane.kernels)
    let bias = bias.map { blockBias($0, index, in: lane.scratch + copyCount - biasMemory) }
    algorithms[index].forward(
      input, count: count, weight: matrix(index, at: weights), bias: bias, into: output,
      in: lane.reserving(copyCount))
    lane.kernels.channels.copy_columns(
      output, block.outputChannels, count * outputPixels, channels(ofBlock: index).outputs,
      y + first * geometry.outputCount + index * block.outputChannels, geometry.outputChannels)
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    let input = lane.scratch
    let inputGradient = input + inputMemory
    let outputGradient = inputGradient + inputMemory
    let inner = lane.reserving(copyCount)
    forEachCall(of: count) { first, count, index in
      let (inputs, outputs) = channels(ofBlock: index)
      if gradient != nil { copyInputs(from: x, first, count, index, to: input, lane.kernels) }
      if outputs < block.outputChannels {
        outputGradient.update(repeating: 0, count: count * block.outputCount)
      }
      lane.kernels.channels.copy_columns(
        dy + first * geometry.outputCount + index * block.outputChannels,
        geometry.outputChannels, count * outputPixels, outputs, outputGradient,
        block.outputChannels)
      algorithms[index].backward(
        input, outputGradient, count: count, into: dx == nil ? nil : inputGradient,
        addingTo: gradient == nil ? nil : matrix(index, at: gradients[lane.worker.index]),
        in: inner)
      guard let dx else { return }
      lane.kernels.channels.copy_columns(
        inputGradient, block.inputChannels, count * inputPixels, inputs,
        dx + first * geometry.inputCount + index * block.inputChannels, geometry.inputChannels)
    }
  }

  private var inputPixels: Int { geometry.rows.input * geometry.columns.input }
  private var outputPixels: Int { geometry.rows.output * geometry.columns.output }

  /// Calls `body` with the first of a few examples, their number, and each block.
  private func forEachCall(
    of count: Int, _ body: (_ first: Int, _ count: Int, _ block: Int) -> Void
  ) {
    for first in stride(from: 0, to: count, by: images) {
      for index in algorithms.indices { body(first, min(images, count - first), index) }
    }
  }

  /// Copies a block's channels of some examples; channels that it lacks are zero.
  private func copyInputs(
    from x: UnsafePointer<Float>, _ first: Int, _ count: Int, _ index: Int,
    to input: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    let inputs = channels(ofBlock: index).inputs
    if inputs < block.inputChannels { input.update(repeating: 0, count: count * block.inputCount) }
    kernels.channels.copy_columns(
      x + first * geometry.inputCount + index * block.inputChannels, geometry.inputChannels,
      count * inputPixels, inputs, input, block.inputChannels)
  }

  /// The biases of a block; those of the last block are copied to `memory` if it has fewer.
  private func blockBias(
    _ bias: UnsafePointer<Float>, _ index: Int, in memory: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let first = bias + index * block.outputChannels
    let outputs = channels(ofBlock: index).outputs
    guard outputs < block.outputChannels else { return first }
    memory.update(repeating: 0, count: block.outputChannels)
    memory.update(from: first, count: outputs)
    return UnsafePointer(memory)
  }
}
