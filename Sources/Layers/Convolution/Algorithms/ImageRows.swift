import CKernels
import Tensors

/// The matrix `R = im2row(x)` of an image, `[h′·w′, kh·kw·cin]`: row (i, j) holds the inputs that output (i, j) reads, in
/// the order of the kernel's rows (lecture row L20).
struct ImageRows {
  private let geometry: ConvolutionGeometry

  init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

  /// The rows: one for each output.
  var pixels: Int { geometry.rows.output * geometry.columns.output }
  /// The elements of a row.
  var rowCount: Int { geometry.rows.kernel * segment }
  var count: Int { pixels * rowCount }
  /// The inputs under one kernel row, which are contiguous, in floats.
  private var segment: Int { geometry.columns.kernel * geometry.inputChannels }

  /// True if the image is its own matrix: a row for each pixel, or one row of all pixels.
  var areTheImage: Bool {
    let (rows, columns) = (geometry.rows, geometry.columns)
    return rows.isPointwise && columns.isPointwise || rows.isWhole && columns.isWhole
  }

  /// `R = im2row(x)`
  func gather(_ x: UnsafePointer<Float>, into rows: UnsafeMutablePointer<Float>) {
    forEachSegment { to, inside, from in
      let start = rows + to
      start.update(repeating: 0, count: inside.lowerBound)
      (start + inside.lowerBound).update(from: x + from, count: inside.count)
      (start + inside.upperBound).update(repeating: 0, count: segment - inside.upperBound)
    }
  }

  /// `∂x = row2im(∂R)`
  func scatter(
    _ rows: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, _ kernels: kernels
  ) {
    dx.update(repeating: 0, count: geometry.inputCount)
    forEachSegment { from, inside, to in
      kernels.add_rows(rows + from + inside.lowerBound, 1, inside.count, inside.count, dx + to)
    }
  }

  /// Calls `body` for each kernel row of each output, in order.
  ///
  /// - Parameter body: takes the offset of the kernel row's inputs in R, the range of them that
  ///   lies inside the image, and the offset of that range in the image.
  private func forEachSegment(
    _ body: (_ start: Int, _ inside: Range<Int>, _ image: Int) -> Void
  ) {
    let g = geometry
    var start = 0
    for i in 0..<g.rows.output {
      for j in 0..<g.columns.output {
        let column = j * g.columns.stride - g.columns.before
        let first = min(max(0, -column), g.columns.kernel)
        let end = max(first, min(g.columns.kernel, g.columns.input - column))
        for u in 0..<g.rows.kernel {
          let row = i * g.rows.stride - g.rows.before + u
          let isInside = row >= 0 && row < g.rows.input && first < end
          body(
            start, isInside ? first * g.inputChannels..<end * g.inputChannels : 0..<0,
            isInside ? (row * g.columns.input + column + first) * g.inputChannels : 0)
          start += segment
        }
      }
    }
  }
}

extension ConvolutionAxis {
  /// True if each output reads the input at its own place.
  fileprivate var isPointwise: Bool { kernel == 1 && stride == 1 && output == input }
  /// True if the one output reads every input, and no zeros.
  fileprivate var isWhole: Bool { output == 1 && kernel == input && before == 0 }
}
