import Tensors

/// The extents of a convolution along one axis.
struct ConvolutionAxis: Equatable {
  let input: Int
  let kernel: Int
  let stride: Int
  /// Zeros before and after the input.
  let before: Int
  let after: Int
  let output: Int

  init(input: Int, kernel: Int, stride: Int, zeros: (before: Int, after: Int)) {
    self.input = input
    self.kernel = kernel
    self.stride = stride
    (before, after) = zeros
    let free = input + zeros.before + zeros.after - kernel
    output = free < 0 ? 0 : free / stride + 1
  }

  /// The input's extent with its zeros.
  var padded: Int { before + input + after }

  /// One phase of backward data: the gradients of the inputs `u = stride·m + offset`, counted in
  /// the padded input. Only the taps `offset + stride·t` reach these inputs (lecture row L16, one
  /// residue at a time):
  ///
  ///     ∂x[stride·m + offset] = Σₜ ∂y[m − t] · w[offset + stride·t]        t < taps
  ///
  /// This is a plain convolution of `∂y` with those taps flipped.
  struct Phase {
    let offset: Int
    let taps: Int
    /// The first `m` inside the input, the index of that input, and the number of inputs from there
    /// at distance `stride`.
    let first: Int
    let input: Int
    let count: Int

    /// The index in `∂y` at which the first sum starts; indices below 0 are zeros.
    var start: Int { first - taps + 1 }
  }

  func phase(_ offset: Int) -> Phase {
    let taps = offset < kernel ? (kernel - offset + stride - 1) / stride : 0
    let first = offset >= before ? 0 : (before - offset + stride - 1) / stride
    let start = stride * first + offset - before
    let count = start < input ? (input - start + stride - 1) / stride : 0
    return Phase(offset: offset, taps: taps, first: first, input: start, count: count)
  }

  /// The outputs that read no inputs behind the first `count`; all of them for all inputs.
  func outputs(within count: Int) -> Int {
    count < input ? min(output, windows.count(within: count)) : output
  }

  /// The inputs of each output.
  var windows: RowWindows { RowWindows(size: kernel, stride: stride, before: before) }

  /// The most taps and the most inputs of a phase.
  var tapsOfPhase: Int { (kernel + stride - 1) / stride }
  var inputsOfPhase: Int { (input + stride - 1) / stride }

  /// The zeros that the phases read before and after `∂y`.
  var outputZeros: (before: Int, after: Int) {
    var before = 0
    var after = 0
    for offset in 0..<stride {
      let phase = phase(offset)
      guard phase.taps > 0, phase.count > 0 else { continue }
      before = max(before, -phase.start)
      after = max(after, phase.first + phase.count - output)
    }
    return (before, after)
  }
}

/// The extents of a convolution of one example, `[h, w, cin]` to `[h′, w′, cout]`, and what it is for.
struct ConvolutionGeometry: Equatable {
  let rows: ConvolutionAxis
  let columns: ConvolutionAxis
  let inputChannels: Int
  let outputChannels: Int
  /// The groups of channels: an output reads the inputs of its own group.
  var groups = 1
  /// What the choice of an algorithm and of a tile depends on besides the extents.
  var use = ConvolutionUse()

  var inputCount: Int { rows.input * columns.input * inputChannels }
  var outputCount: Int { rows.output * columns.output * outputChannels }

  /// The rows of outputs that fit the first-level cache, or one.
  var rowsOfBand: Int {
    max(1, RowWindows.floatsOfBand / (columns.output * outputChannels))
  }

  /// The size of the padded input in floats; 0 if there is no padding.
  var paddedInputCount: Int {
    rows.padded == rows.input && columns.padded == columns.input
      ? 0 : rows.padded * columns.padded * inputChannels
  }

  /// The size of `∂y` in floats, with the zeros that backward data reads; 0 if it reads none.
  var paddedOutputCount: Int {
    let (top, bottom) = rows.outputZeros
    let (left, right) = columns.outputZeros
    guard top + bottom + left + right > 0 else { return 0 }
    return (top + rows.output + bottom) * (left + columns.output + right) * outputChannels
  }
}

extension ConvolutionGeometry {
  /// Calls `body` for each pair of phases of backward data that have taps.
  func forEachPhase(_ body: (_ row: ConvolutionAxis.Phase, _ column: ConvolutionAxis.Phase) -> Void)
  {
    for r in 0..<min(rows.stride, rows.kernel) {
      for c in 0..<min(columns.stride, columns.kernel) { body(rows.phase(r), columns.phase(c)) }
    }
  }

  /// The tap, in reading order, that lies at (i, j) of the flipped kernel of a pair of phases.
  func tap(_ i: Int, _ j: Int, _ row: ConvolutionAxis.Phase, _ column: ConvolutionAxis.Phase) -> Int
  {
    (row.offset + rows.stride * (row.taps - 1 - i)) * columns.kernel
      + column.offset + columns.stride * (column.taps - 1 - j)
  }

  /// True if backward data has inputs without a sum.
  var hasInputsUnderNoTap: Bool { rows.stride > rows.kernel || columns.stride > columns.kernel }

  /// `∂y` with the zeros that backward data reads (``ConvolutionAxis/outputZeros``).
  func paddedOutput(
    _ dy: UnsafePointer<Float>, in memory: UnsafeMutablePointer<Float>
  ) -> PaddedImage {
    PaddedImage(
      dy, height: rows.output, width: columns.output, channels: outputChannels,
      rowZeros: rows.outputZeros, columnZeros: columns.outputZeros, in: memory)
  }

  /// The padded rows that some rows of outputs read.
  func paddedRows(ofOutputs lines: Range<Int>) -> Range<Int> {
    let last = (lines.upperBound - 1) * rows.stride
    return lines.lowerBound * rows.stride..<last + rows.kernel
  }

  /// Cuts some rows of outputs into bands whose inputs stay in a second-level cache while all taps are summed over
  /// them. A small image is one band.
  func forEachBand(of lines: Range<Int>, _ body: (Range<Int>) -> Void) {
    let floats = columns.padded * inputChannels
    var most = rows.output
    if rows.padded * floats > WinogradConvolution.greatestWeight {
      let fitting = WinogradConvolution.greatestWeight / 2 / (rows.stride * floats)
      most = max(rows.kernel, fitting - rows.kernel)
    }
    for first in stride(from: lines.lowerBound, to: lines.upperBound, by: most) {
      body(first..<min(first + most, lines.upperBound))
    }
  }

  /// - Parameters:
  ///   - padded: the rows of the padded image to set; nil for all.
  ///   - copies: true to copy the image even if there are no zeros around it, for a reader of whole vectors.
  func paddedInput(
    _ x: UnsafePointer<Float>, rows padded: Range<Int>? = nil,
    in memory: UnsafeMutablePointer<Float>, copies: Bool = false
  ) -> PaddedImage {
    PaddedImage(
      x, height: rows.input, width: columns.input, channels: inputChannels,
      rowZeros: (rows.before, rows.after), columnZeros: (columns.before, columns.after),
      rows: padded, in: memory, copies: copies)
  }
}

/// An image `[h, w, c]` whose rows may be surrounded by zeros.
struct PaddedImage {
  /// The first row's first zero, or its first pixel where there are no zeros.
  let base: UnsafePointer<Float>
  /// The number of floats from one row to the next.
  let row: Int

  private init(base: UnsafePointer<Float>, row: Int) {
    self.base = base
    self.row = row
  }

  /// The image from a row on.
  func from(row first: Int) -> PaddedImage { PaddedImage(base: base + first * row, row: row) }

  /// Copies `image` into `memory` with zeros around it; without zeros, refers to `image` unless `copies` is true.
  ///
  /// - Parameter rows: the padded rows that the copy has; nil for all.
  init(
    _ image: UnsafePointer<Float>, height: Int, width: Int, channels: Int,
    rowZeros: (before: Int, after: Int), columnZeros: (before: Int, after: Int),
    rows: Range<Int>? = nil, in memory: UnsafeMutablePointer<Float>, copies: Bool = false
  ) {
    let rowCount = width * channels
    let rows = rows ?? 0..<rowZeros.before + height + rowZeros.after
    guard copies || rowZeros != (0, 0) || columnZeros != (0, 0) else {
      base = image + rows.lowerBound * rowCount
      row = rowCount
      return
    }
    row = rowCount + (columnZeros.before + columnZeros.after) * channels
    base = UnsafePointer(memory)
    let left = columnZeros.before * channels
    let right = columnZeros.after * channels
    let pixels = rowZeros.before..<rowZeros.before + height
    var to = memory
    for r in rows {
      if pixels.contains(r) {
        to.update(repeating: 0, count: left)
        (to + left).update(from: image + (r - rowZeros.before) * rowCount, count: rowCount)
        (to + left + rowCount).update(repeating: 0, count: right)
      } else {
        to.update(repeating: 0, count: row)
      }
      to += row
    }
  }
}
