import CKernels
import Tensors

/// The passes of a convolution whose groups have one input or one output channel each, by the kernels of depthwise
/// convolution (see `depthwise.h`).
///
/// With k outputs for each input, a depthwise convolution of k copies of every input channel gives the same
/// outputs. Its gradient with respect to a copy is summed over the copies:
///
///     y[c·k + r] = x[c] ⋆ w[c·k + r]        ∂x[c] = Σ_{r < k} ∂x′[c·k + r]
///
/// With m inputs for each output, the outputs are sums over the channels z of a depthwise convolution of x. The gradient
/// of every such channel is that of its output:
///
///     z[c·m + j] = x[c·m + j] ⋆ w[c, j]     y[c] = b[c] + Σ_{j < m} z[c·m + j]     ∂z[c·m + j] = ∂y[c]
final class DepthwiseAlgorithm: ConvolutionAlgorithm {
  static let name = "depthwise"
  static let scope = "convolutions whose groups have one input or one output each"

  static func supports(_ geometry: ConvolutionGeometry) -> Bool { geometry.isDepthwise }

  private let geometry: ConvolutionGeometry
  /// The numbers of outputs for each input channel, and of inputs for each output channel.
  private let copies, terms: Int
  private let extents: depthwise
  private var weight: PanelMatrix?
  /// With several inputs for each output: the weights as those of z's channels, and their gradients for each thread.
  private let ordered: PanelMatrix?
  private var gradients: [PanelMatrix] = []
  private let arena = Arena()

  init(_ geometry: ConvolutionGeometry) {
    self.geometry = geometry
    copies = geometry.outputChannels / geometry.groups
    terms = geometry.inputChannels / geometry.groups
    extents = depthwise(
      rows: geometry.rows, columns: geometry.columns, channels: geometry.groups * copies * terms)
    ordered = terms == 1 ? nil : Self.matrix(of: extents, in: arena)
  }

  private static func matrix(of extents: depthwise, in arena: Arena) -> PanelMatrix {
    let taps = extents.kernel_h * extents.kernel_w
    return PanelMatrix(
      rows: taps, columns: extents.channels,
      at: arena.floats(PanelMatrix.storageCount(rows: taps, columns: extents.channels)))
  }

  // MARK: Memory

  private var outputPixels: Int { geometry.rows.output * geometry.columns.output }

  /// The copies of an image's channels or their gradients, and z or its gradient.
  var scratchCount: Int { copiedCount + (terms == 1 ? 0 : outputPixels * extents.channels) }

  private var copiedCount: Int {
    copies == 1 ? 0 : Arena.alignedCount(copies * geometry.inputCount)
  }

  // MARK: Weights

  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    guard let ordered else { return }
    forEachWeight { place, orderedPlace in
      ordered.base[orderedPlace] = weight.base[place]
    }
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    self.weight = ordered ?? weight
    guard ordered != nil else { return }
    while gradients.count < context.threadCount {
      gradients.append(Self.matrix(of: extents, in: arena))
    }
  }

  func beginBackward(in lane: Lane) {
    guard let ordered else { return }
    gradients[lane.worker.index].base.update(
      repeating: 0,
      count: PanelMatrix.storageCount(rows: ordered.rows, columns: ordered.columns))
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    guard ordered != nil else { return }
    let own = gradients[lane.worker.index].base
    forEachWeight { place, orderedPlace in gradient.base[place] += own[orderedPlace] }
  }

  /// Calls `body` with the place of each weight in the layer's matrix, and in that of z's channels.
  private func forEachWeight(_ body: (_ place: Int, _ orderedPlace: Int) -> Void) {
    let taps = extents.kernel_h * extents.kernel_w
    for tap in 0..<taps {
      for channel in 0..<geometry.outputChannels {
        for term in 0..<terms {
          body(
            PanelMatrix.offset(
              tap * terms + term, channel, rows: taps * terms, columns: geometry.outputChannels),
            PanelMatrix.offset(
              tap, channel * terms + term, rows: taps, columns: extents.channels))
        }
      }
    }
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    for n in 0..<count {
      let x = copied(x + n * geometry.inputCount, in: lane)
      let lines = lane.worker.parts(of: geometry.rows.output)
      lane.worker.share(lines.count) { part, worker in
        forward(
          x, lines: lines.range(part), weight, bias, into: y + n * geometry.outputCount, on: worker)
      }
    }
  }

  /// Computes some rows of outputs.
  ///
  /// - Parameter x: an image with copies of its channels.
  private func forward(
    _ x: UnsafePointer<Float>, lines: Range<Int>, _ weight: PanelMatrix,
    _ bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, on worker: Worker
  ) {
    var extents = extents
    let x = x + extents.limit(to: lines) * geometry.columns.input * extents.channels
    let pixels = lines.count * geometry.columns.output
    let y = y + lines.lowerBound * geometry.columns.output * geometry.outputChannels
    guard let ordered else { return worker.kernels.depthwise(&extents, x, weight.base, bias, y) }
    let z = worker.scratch + copiedCount
    worker.kernels.depthwise(&extents, x, ordered.base, nil, z)
    worker.kernels.channels.sum_neighbors(z, pixels * geometry.outputChannels, terms, y)
    if let bias { worker.kernels.add_bias(bias, pixels, geometry.outputChannels, y) }
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    guard let weight else { preconditionFailure("the backward pass was not prepared") }
    var extents = extents
    for n in 0..<count {
      let dz = sumGradient(dy + n * geometry.outputCount, in: lane)
      if let gradient {
        let gradient = ordered == nil ? gradient : gradients[lane.worker.index]
        lane.kernels.depthwise_backward_weights(
          &extents, copied(x + n * geometry.inputCount, in: lane), dz, gradient.base)
      }
      guard let dx else { continue }
      let target = dx + n * geometry.inputCount
      lane.kernels.depthwise_backward_data(
        &extents, dz, weight.base, copies == 1 ? target : lane.scratch)
      if copies > 1 {
        lane.kernels.channels.sum_neighbors(lane.scratch, geometry.inputCount, copies, target)
      }
    }
  }

  /// The image with ``copies`` of each channel.
  private func copied(_ x: UnsafePointer<Float>, in lane: Lane) -> UnsafePointer<Float> {
    guard copies > 1 else { return x }
    lane.kernels.channels.repeat_elements(x, geometry.inputCount, copies, lane.scratch)
    return UnsafePointer(lane.scratch)
  }

  /// ∂z: the gradient of each output for each of its ``terms``.
  private func sumGradient(_ dy: UnsafePointer<Float>, in lane: Lane) -> UnsafePointer<Float> {
    guard terms > 1 else { return dy }
    let dz = lane.scratch + copiedCount
    lane.kernels.channels.repeat_elements(dy, geometry.outputCount, terms, dz)
    return UnsafePointer(dz)
  }
}

extension depthwise {
  /// The extents that the kernels read.
  init(rows: ConvolutionAxis, columns: ConvolutionAxis, channels: Int) {
    self.init(
      h: rows.input, w: columns.input, channels: channels, out_h: rows.output,
      out_w: columns.output, kernel_h: rows.kernel, kernel_w: columns.kernel,
      stride_h: rows.stride, stride_w: columns.stride, top: rows.before, left: columns.before)
  }

  /// Limits a forward pass to some rows of outputs.
  ///
  /// - Returns: the rows of the input that lie above all that they read. The kernel gets the input behind them.
  mutating func limit(to rows: Range<Int>) -> Int {
    let skip = RowWindows(size: kernel_h, stride: stride_h, before: top).skip(to: rows.lowerBound)
    h -= skip.rows
    top = skip.before
    out_h = rows.count
    return skip.rows
  }
}
