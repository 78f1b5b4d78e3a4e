import CKernels
import Tensors

/// The passes of a convolution to or from few channels.
///
/// ``DirectConvolution`` computes a vector of output channels at a time. With 4 channels, three quarters of a vector of
/// 16 are empty. Here the vectors lie along the other axis, the terms of a sum, which are contiguous: the `kw·cin` inputs
/// under a kernel row. The three passes are those of ``DirectConvolution`` in another order of addition:
///
///     forward   q[p, g] = Σ_k x[p, k]·w[g, k]        16 partial sums, k % 16, added as a tree
///     data      ∂x[p, f] = Σ_k ∂q[p, k]·w[f, k]      the same with the flipped taps
///     weights   ∂wᵀ[g, k] = Σ_p ∂q[p, g]·x[p, k]     a vector of k at a time
///
/// A pass that gains nothing by this is left to ``DirectConvolution``.
final class NarrowConvolution: ConvolutionAlgorithm {
  static let name = "narrow"
  static let scope = "convolutions from many channels to few, or from few but more than 3 to many"

  private let geometry: ConvolutionGeometry
  private let passes: NarrowPasses
  private let direct: DirectConvolution
  private let arena = Arena()
  /// The weights as rows, one for each output channel.
  private var rows: UnsafeMutablePointer<Float>?
  /// The flipped weights as rows, one for each input channel, of each phase of backward data.
  private var flippedRows: UnsafeMutablePointer<Float>?
  /// Each thread's `∂wᵀ`: for each kernel row and each vector pair of its terms a matrix `[cout, 32]`.
  private var gradients: [UnsafeMutablePointer<Float>] = []

  convenience init(_ geometry: ConvolutionGeometry) {
    self.init(geometry, passes: NarrowPasses(geometry))
  }

  /// - Parameter passes: those of the passes that pay which are needed.
  init(_ geometry: ConvolutionGeometry, passes: NarrowPasses) {
    self.geometry = geometry
    self.passes = passes
    direct = DirectConvolution(geometry)
  }

  static func supports(_ geometry: ConvolutionGeometry) -> Bool {
    NarrowPasses(geometry).isAny
  }
  static func cost(of geometry: ConvolutionGeometry, part: ConvolutionPart?) -> ConvolutionCost? {
    .direct(geometry, narrow: NarrowPasses(geometry), part: part)
  }

  /// The terms of a kernel row.
  private var length: Int { geometry.columns.kernel * geometry.inputChannels }
  private var panelsOfRow: Int { (length + Self.width - 1) / Self.width }
  private var blockCount: Int { geometry.outputChannels * Self.width }
  private static let width = PanelMatrix.panelWidth

  /// A vector more than the images, since the last one is read in whole vectors.
  var scratchCount: Int {
    max(
      direct.scratchCount,
      geometry.rows.padded * geometry.columns.padded * geometry.inputChannels + Self.width)
  }

  // MARK: Weights

  func prepareForward(_ weight: PanelMatrix, in context: Context) {
    guard passes.forward else { return direct.prepareForward(weight, in: context) }
    let count = geometry.rows.kernel * length
    let memory = rows ?? arena.floats(geometry.outputChannels * count)
    rows = memory
    for panel in 0..<weight.panelCount {
      let range = weight.columnRange(ofPanel: panel)
      context.kernels.transpose(
        weight.panel(panel), count, range.count, weight.width(ofPanel: panel),
        memory + range.lowerBound * count, count)
    }
  }

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    if passes.weights {
      while gradients.count < context.threadCount {
        gradients.append(arena.floats(geometry.rows.kernel * panelsOfRow * blockCount))
      }
    }
    guard passes.data, givesInputGradient else {
      return direct.prepareBackward(weight, givesInputGradient: givesInputGradient, in: context)
    }
    let g = geometry
    let memory =
      flippedRows
      ?? arena.floats(g.rows.kernel * g.columns.kernel * g.outputChannels * g.inputChannels)
    flippedRows = memory
    var to = memory
    g.forEachPhase { row, column in
      for input in 0..<g.inputChannels {
        for i in 0..<row.taps {
          for j in 0..<column.taps {
            let tap = g.tap(i, j, row, column)
            for panel in 0..<weight.panelCount {
              let range = weight.columnRange(ofPanel: panel)
              to.update(
                from: weight.panel(panel)
                  + (tap * g.inputChannels + input) * weight.width(ofPanel: panel),
                count: range.count)
              to += range.count
            }
          }
        }
      }
    }
  }

  // MARK: Passes

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    guard passes.forward, let weights = rows else {
      return direct.forward(x, count: count, weight: weight, bias: bias, into: y, in: lane)
    }
    for n in 0..<count {
      let (x, y) = (x + n * geometry.inputCount, y + n * geometry.outputCount)
      let lines = lane.worker.parts(of: geometry.rows.output)
      lane.worker.share(lines.count) { part, worker in
        forward(x, lines: lines.range(part), weights, bias, into: y, on: worker)
      }
    }
  }

  var rowsAtATime: Int? { geometry.rowsOfBand }

  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    guard passes.forward, let weights = self.rows else {
      return direct.forward(rows: rows, of: x, weight: weight, bias: bias, into: y, in: lane)
    }
    forward(x, lines: rows, weights, bias, into: y, on: lane.worker)
  }

  /// Computes some rows of outputs.
  private func forward(
    _ x: UnsafePointer<Float>, lines allLines: Range<Int>, _ weights: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, on worker: Worker
  ) {
    geometry.forEachBand(of: allLines) { lines in
      forward(x, band: lines, weights, bias, into: y, on: worker)
    }
  }

  /// Computes some rows of outputs whose inputs fit the cache.
  private func forward(
    _ x: UnsafePointer<Float>, band allLines: Range<Int>, _ weights: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, on worker: Worker
  ) {
    let g = geometry
    let image = g.paddedInput(x, rows: g.paddedRows(ofOutputs: allLines), in: worker.scratch)
    ConvolutionAxis.forEachRun(of: allLines, with: g.rows.reachingTaps(ofOutput:)) { lines, taps in
      let first = (lines.lowerBound - allLines.lowerBound) * g.rows.stride + taps.lowerBound
      var product = dots(
        lines: lines.count, rows: g.columns.output, columns: g.outputChannels,
        segments: taps.count, length: length, a: image.base + first * image.row,
        a_line: g.rows.stride * image.row, a_row: g.columns.stride * g.inputChannels,
        a_segment: image.row, b: weights + taps.lowerBound * length,
        b_row: g.rows.kernel * length, bias: bias,
        c: y + lines.lowerBound * g.columns.output * g.outputChannels,
        c_line: g.columns.output * g.outputChannels, c_row: g.outputChannels)
      worker.kernels.multiply_dots(&product)
    }
  }

  func beginBackward(in lane: Lane) {
    guard passes.weights else { return }
    gradients[lane.worker.index].update(
      repeating: 0, count: geometry.rows.kernel * panelsOfRow * blockCount)
  }

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    // What is left for the direct algorithm.
    var (directGradient, directInput) = (gradient, dx)
    if gradient != nil, passes.weights {
      directGradient = nil
      for n in 0..<count {
        addWeightGradient(x + n * geometry.inputCount, dy + n * geometry.outputCount, in: lane)
      }
    }
    if let dx, passes.data {
      directInput = nil
      for n in 0..<count {
        backwardData(dy + n * geometry.outputCount, into: dx + n * geometry.inputCount, in: lane)
      }
    }
    guard directGradient != nil || directInput != nil else { return }
    direct.backward(x, dy, count: count, into: directInput, addingTo: directGradient, in: lane)
  }

  private func backwardData(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    guard let flippedRows else { preconditionFailure("the data pass was not prepared") }
    let g = geometry
    let (rowZeros, columnZeros) = (g.rows.outputZeros, g.columns.outputZeros)
    let image = g.paddedOutput(dy, in: lane.scratch)
    if g.hasInputsUnderNoTap {
      // Some inputs are under no tap.
      dx.update(repeating: 0, count: g.inputCount)
    }
    var weights = UnsafePointer(flippedRows)
    g.forEachPhase { row, column in
      let terms = row.taps * column.taps * g.outputChannels
      defer { weights += terms * g.inputChannels }
      guard row.count > 0, column.count > 0 else { return }
      let from =
        image.base + (rowZeros.before + row.start) * image.row
        + (columnZeros.before + column.start) * g.outputChannels
      let to = dx + (row.input * g.columns.input + column.input) * g.inputChannels
      let (weights, lines) = (weights, lane.worker.parts(of: row.count))
      let line = g.rows.stride * g.columns.input * g.inputChannels
      lane.worker.share(lines.count) { part, worker in
        let length = column.taps * g.outputChannels
        ConvolutionAxis.forEachRun(
          of: lines.range(part), with: { g.rows.reachingTaps(ofLine: $0, row) }
        ) { lines, taps in
          var product = dots(
            lines: lines.count, rows: column.count, columns: g.inputChannels,
            segments: taps.count, length: length,
            a: from + (lines.lowerBound + taps.lowerBound) * image.row, a_line: image.row,
            a_row: g.outputChannels, a_segment: image.row,
            b: weights + taps.lowerBound * length, b_row: terms, bias: nil,
            c: to + lines.lowerBound * line, c_line: line,
            c_row: g.columns.stride * g.inputChannels)
          worker.kernels.multiply_dots(&product)
        }
      }
    }
  }

  /// Adds to the thread's `∂wᵀ`.
  private func addWeightGradient(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, in lane: Lane
  ) {
    let g = geometry
    let image = g.paddedInput(x, in: lane.scratch, copies: length % 16 != 0)
    let sums = gradients[lane.worker.index]
    // The kernel rows of a panel read nearly the same inputs, which then are in the cache.
    let tasks = lane.worker.parts(of: panelsOfRow * g.rows.kernel)
    lane.worker.share(tasks.count) { part, worker in
      g.forEachBand(of: 0..<g.rows.output) { band in
        for task in tasks.range(part) {
          let (panel, row) = task.quotientAndRemainder(dividingBy: g.rows.kernel)
          let lines = g.rows.reachedOutputs(ofTap: row).clamped(to: band)
          if !lines.isEmpty {
            addWeightGradient(
              image, dy, row: row, panel: panel, lines: lines,
              to: sums + (row * panelsOfRow + panel) * blockCount, worker.kernels)
          }
        }
      }
    }
  }

  /// Adds the products of some rows of outputs, for the panel's terms of a kernel row.
  private func addWeightGradient(
    _ image: PaddedImage, _ dy: UnsafePointer<Float>, row: Int, panel: Int, lines: Range<Int>,
    to sums: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    let g = geometry
    let first = panel * Self.width
    let line = (output: g.columns.output * g.outputChannels, input: g.rows.stride * image.row)
    var product = outer_product(
      lines: lines.count, rows: g.columns.output, columns: min(Self.width, length - first),
      segments: 1, length: g.outputChannels, a: dy + lines.lowerBound * line.output,
      a_line: line.output, a_row: g.outputChannels, a_segment: 0,
      g: image.base + row * image.row + lines.lowerBound * line.input + first,
      g_line: line.input, g_row: g.columns.stride * g.inputChannels, d: sums, d_row: Self.width,
      accumulate: 1)
    kernels.accumulate_outer(&product)
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {
    guard passes.weights else { return direct.endBackward(addingTo: gradient, in: lane) }
    let sums = gradients[lane.worker.index]
    let width = gradient.width(ofPanel: 0)
    lane.worker.share(geometry.rows.kernel) { row, worker in
      for panel in 0..<panelsOfRow {
        let first = panel * Self.width
        worker.kernels.add_transposed(
          sums + (row * panelsOfRow + panel) * blockCount, geometry.outputChannels,
          min(Self.width, length - first), Self.width,
          gradient.panel(0) + (row * length + first) * width, width)
      }
    }
  }
}
