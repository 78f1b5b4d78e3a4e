import CKernels
import Tensors

/// The three passes of a convolution of one example, each as an implicit matrix product.
///
/// With channels innermost the `kw·cin` inputs under a kernel row are contiguous. The im2row matrix
/// of lecture row L20 need not be stored: its rows overlap in the padded image, and the kernels
/// read them there (`struct product`).
///
///     forward   q^(g) = Σ_f w^(g,f) ⋆ p^(f) + b_g                     (row L13, stride: row L14)
///     data      dp^(f) = Σ_g flip2d(w^(g,f)) ⋆ pad(dq^(g))            (row L13, stride: row L16)
///     weights   dw^(g,f) = dq^(g) ⋆ pad(p^(f)),  db_g = Σ_ij dq^(g)   (row L13)
///
/// Each pass costs at most `h′·w′·kh·kw·cin·cout` multiply-adds, at any stride: the phases of backward data
/// multiply no inserted zeros, and rows of the kernel that lie above or below the image are left out.
final class DirectConvolution: ConvolutionAlgorithm {
  static let name = "direct"

  private let geometry: ConvolutionGeometry
  private let arena = Arena()
  /// The terms of segments of which no kernel takes several at a time (`SEGMENT_BLOCKS`).
  private static let longSegment = 8
  /// The weights that threads share to rearrange them. Fewer take about as long as to wait for the other threads.
  private static let sharedWeights = 1 << 15
  /// The weights in the layout for backward data.
  private var transposed: UnsafeMutablePointer<Float>?

  init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  static func supports(_ geometry: ConvolutionGeometry) -> Bool { true }
  static func cost(of geometry: ConvolutionGeometry, part: ConvolutionPart?) -> ConvolutionCost? {
    .direct(geometry, part: part)
  }

  var scratchCount: Int {
    let g = geometry
    let panel = g.rows.output * g.columns.output * PanelMatrix.panelWidth
    return max(panelOffset + panel, g.paddedOutputCount)
  }

  /// The place of an ``OutputPanel`` behind the padded image.
  private var panelOffset: Int { Arena.alignedCount(geometry.paddedInputCount) }

  func prepareForward(_ weight: PanelMatrix, in context: Context) {}

  func prepareBackward(_ weight: PanelMatrix, givesInputGradient: Bool, in context: Context) {
    guard givesInputGradient else { return }
    let memory =
      transposed
      ?? arena.floats(
        PanelMatrix.storageCount(
          rows: geometry.rows.kernel * geometry.columns.kernel * geometry.outputChannels,
          columns: geometry.inputChannels))
    transposed = memory
    transpose(weight, into: memory, in: context)
  }

  func forward(
    _ x: UnsafePointer<Float>, count: Int, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    for n in 0..<count {
      forward(
        x + n * geometry.inputCount, weight: weight, bias: bias,
        into: y + n * geometry.outputCount, in: lane)
    }
  }

  func beginBackward(in lane: Lane) {}

  func backward(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into dx: UnsafeMutablePointer<Float>?, addingTo gradient: PanelMatrix?, in lane: Lane
  ) {
    for n in 0..<count {
      let dy = dy + n * geometry.outputCount
      if let gradient {
        backwardWeights(x + n * geometry.inputCount, dy, addingTo: gradient, in: lane)
      }
      if let dx { backwardData(dy, into: dx + n * geometry.inputCount, in: lane) }
    }
  }

  func endBackward(addingTo gradient: PanelMatrix, in lane: Lane) {}

  // MARK: One example

  private func forward(
    _ x: UnsafePointer<Float>, weight: PanelMatrix, bias: UnsafePointer<Float>?,
    into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    let g = geometry
    let panels = weight.panelCount
    let weightCount = PanelMatrix.storageCount(rows: weight.rows, columns: weight.columns)
    // Each thread reads all weights for its rows of outputs, unless they exceed its cache.
    guard weightCount > WinogradConvolution.greatestWeight else {
      let lines = lane.worker.parts(of: g.rows.output)
      lane.worker.share(lines.count) { part, worker in
        forward(x, lines: lines.range(part), weight, bias, into: y, on: worker)
      }
      return
    }
    let image = g.paddedInput(x, in: lane.scratch)
    let lines = lane.worker.parts(of: g.rows.output, besides: panels)
    lane.worker.share(panels * lines.count) { task, worker in
      let (panel, part) = task.quotientAndRemainder(dividingBy: lines.count)
      let lines = lines.range(part)
      forward(
        image.from(row: lines.lowerBound * g.rows.stride), lines: lines, panel: panel, of: weight,
        bias, into: y, worker.kernels)
    }
  }

  var rowsAtATime: Int? { geometry.rowsOfBand }

  func forward(
    rows: Range<Int>, of x: UnsafePointer<Float>, weight: PanelMatrix,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, in lane: Lane
  ) { forward(x, lines: rows, weight, bias, into: y, on: lane.worker) }

  /// Computes some rows of outputs.
  private func forward(
    _ x: UnsafePointer<Float>, lines: Range<Int>, _ weight: PanelMatrix,
    _ bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, on worker: Worker
  ) {
    geometry.forEachBand(of: lines) { lines in
      let image = geometry.paddedInput(
        x, rows: geometry.paddedRows(ofOutputs: lines), in: worker.scratch)
      for panel in 0..<weight.panelCount {
        forward(image, lines: lines, panel: panel, of: weight, bias, into: y, worker.kernels)
      }
    }
  }

  /// Computes some rows of outputs, for the channels of a panel.
  ///
  /// - Parameter image: the padded input from the first row that these outputs read.
  private func forward(
    _ image: PaddedImage, lines allLines: Range<Int>, panel: Int, of weight: PanelMatrix,
    _ bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    let g = geometry
    let (range, width) = (weight.columnRange(ofPanel: panel), weight.width(ofPanel: panel))
    let length = g.columns.kernel * g.inputChannels
    ConvolutionAxis.forEachRun(of: allLines, with: g.rows.reachingTaps(ofOutput:)) { lines, taps in
      let first = (lines.lowerBound - allLines.lowerBound) * g.rows.stride + taps.lowerBound
      var product = product(
        lines: lines.count, rows: g.columns.output, columns: range.count,
        segments: taps.count, length: length, a: image.base + first * image.row,
        a_line: g.rows.stride * image.row, a_row: g.columns.stride * g.inputChannels,
        a_segment: image.row,
        panel: weight.panel(panel) + taps.lowerBound * length * width, panel_row: width,
        bias: bias.map { $0 + range.lowerBound },
        c: y + lines.lowerBound * g.columns.output * g.outputChannels + range.lowerBound,
        c_line: g.columns.output * g.outputChannels, c_row: g.outputChannels, accumulate: 0)
      kernels.multiply(&product)
    }
  }

  private func backwardData(
    _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, in lane: Lane
  ) {
    guard let transposed else { preconditionFailure("the data pass was not prepared") }
    let g = geometry
    let (rowZeros, columnZeros) = (g.rows.outputZeros, g.columns.outputZeros)
    let image = g.paddedOutput(dy, in: lane.scratch)
    if g.hasInputsUnderNoTap {
      // Some inputs are under no tap.
      dx.update(repeating: 0, count: g.inputCount)
    }
    forEachPhase { row, column, firstRow in
      guard row.count > 0, column.count > 0 else { return }
      let top = rowZeros.before + row.start
      let left = columnZeros.before + column.start
      let matrix = PanelMatrix(
        rows: row.taps * column.taps * g.outputChannels, columns: g.inputChannels,
        at: transposed + firstRow)
      let lines = lane.worker.parts(of: row.count, besides: matrix.panelCount)
      lane.worker.share(matrix.panelCount * lines.count) { task, worker in
        let (index, part) = task.quotientAndRemainder(dividingBy: lines.count)
        let (range, width) = (matrix.columnRange(ofPanel: index), matrix.width(ofPanel: index))
        let length = column.taps * g.outputChannels
        ConvolutionAxis.forEachRun(
          of: lines.range(part), with: { g.rows.reachingTaps(ofLine: $0, row) }
        ) { lines, taps in
          let line = row.input + lines.lowerBound * g.rows.stride
          let first = (line * g.columns.input + column.input) * g.inputChannels + range.lowerBound
          var product = product(
            lines: lines.count, rows: column.count, columns: range.count, segments: taps.count,
            length: length,
            a: image.base + (top + lines.lowerBound + taps.lowerBound) * image.row
              + left * g.outputChannels,
            a_line: image.row, a_row: g.outputChannels, a_segment: image.row,
            panel: matrix.panel(index) + taps.lowerBound * length * width, panel_row: width,
            bias: nil, c: dx + first, c_line: g.rows.stride * g.columns.input * g.inputChannels,
            c_row: g.columns.stride * g.inputChannels, accumulate: 0)
          worker.kernels.multiply(&product)
        }
      }
    }
  }

  private func backwardWeights(
    _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, addingTo gradient: PanelMatrix,
    in lane: Lane
  ) {
    let g = geometry
    let image = g.paddedInput(x, in: lane.scratch)
    let pixels = g.rows.output * g.columns.output
    let length = g.columns.kernel * g.inputChannels
    let segments = lane.worker.parts(of: g.rows.kernel, besides: gradient.panelCount)
    lane.worker.share(gradient.panelCount * segments.count) { task, worker in
      let (index, part) = task.quotientAndRemainder(dividingBy: segments.count)
      let (range, width) = (gradient.columnRange(ofPanel: index), gradient.width(ofPanel: index))
      let segments = segments.range(part)
      let panel = OutputPanel(
        dy, pixels: pixels, channels: g.outputChannels, range: range,
        in: worker.scratch + panelOffset)
      func add(_ segments: Range<Int>, lines: Range<Int>) {
        let line = (row: g.rows.stride * image.row, panel: g.columns.output * panel.row)
        var product = outer_product(
          lines: lines.count, rows: g.columns.output, columns: range.count,
          segments: segments.count, length: length,
          a: image.base + segments.lowerBound * image.row + lines.lowerBound * line.row,
          a_line: line.row, a_row: g.columns.stride * g.inputChannels, a_segment: image.row,
          g: panel.base + lines.lowerBound * line.panel, g_line: line.panel, g_row: panel.row,
          d: gradient.panel(index) + segments.lowerBound * length * width, d_row: width,
          accumulate: 1)
        worker.kernels.accumulate_outer(&product)
      }
      // The kernel takes several short segments at a time.
      guard length >= Self.longSegment else { return add(segments, lines: 0..<g.rows.output) }
      g.forEachBand(of: 0..<g.rows.output) { band in
        ConvolutionAxis.forEachRun(
          of: segments, with: { g.rows.reachedOutputs(ofTap: $0).clamped(to: band) }
        ) { segments, lines in if !lines.isEmpty { add(segments, lines: lines) } }
      }
    }
  }

  // MARK: Transposed weights

  /// Arranges the weights for backward data: for each phase a matrix with a row for each flipped
  /// tap and output channel, and a column for each input channel.
  private func transpose(
    _ weight: PanelMatrix, into transposed: UnsafeMutablePointer<Float>, in context: Context
  ) {
    let g = geometry
    forEachPhase { row, column, firstRow in
      let target = PanelMatrix(
        rows: row.taps * column.taps * g.outputChannels, columns: g.inputChannels,
        at: transposed + firstRow)
      func transpose(_ number: Int) {
        let tap = g.tap(number / column.taps, number % column.taps, row, column)
        for from in 0..<weight.panelCount {
          for to in 0..<target.panelCount {
            let inputs = target.columnRange(ofPanel: to)
            let outputs = weight.columnRange(ofPanel: from)
            let (fromWidth, toWidth) = (weight.width(ofPanel: from), target.width(ofPanel: to))
            context.kernels.transpose(
              weight.panel(from) + (tap * g.inputChannels + inputs.lowerBound) * fromWidth,
              inputs.count, outputs.count, fromWidth,
              target.panel(to) + (number * g.outputChannels + outputs.lowerBound) * toWidth,
              toWidth)
          }
        }
      }
      let taps = row.taps * column.taps
      guard weight.rows * weight.columns >= Self.sharedWeights else {
        return (0..<taps).forEach(transpose)
      }
      context.pool.run(taps) { tap, _ in transpose(tap) }
    }
  }

  /// Calls `body` for each pair of phases that have taps, with the offset of the pair's matrix.
  private func forEachPhase(
    _ body: (_ row: ConvolutionAxis.Phase, _ column: ConvolutionAxis.Phase, _ start: Int) -> Void
  ) {
    var start = 0
    geometry.forEachPhase { row, column in
      body(row, column, start)
      start += PanelMatrix.storageCount(
        rows: row.taps * column.taps * geometry.outputChannels, columns: geometry.inputChannels)
    }
  }
}
