import Tensors

/// The columns of one panel of `[rows, channels]` in the form that the kernels read: zeros fill the
/// last columns up to a multiple of 16.
struct OutputPanel {
  let base: UnsafePointer<Float>
  /// The number of floats from one row to the next.
  let row: Int

  /// Refers to `y` if its rows have a suitable width, and otherwise copies the columns to `memory`.
  /// Rows of many channels are far apart and would share few sets of the cache.
  init(
    _ y: UnsafePointer<Float>, pixels: Int, channels: Int, range: Range<Int>,
    in memory: UnsafeMutablePointer<Float>
  ) {
    let width = PanelMatrix.paddedCount(range.count)
    if channels == 16 || channels == 32 || channels == 64 {
      base = y + range.lowerBound
      row = channels
      return
    }
    base = UnsafePointer(memory)
    row = width
    for i in 0..<pixels {
      let to = memory + i * width
      to.update(from: y + i * channels + range.lowerBound, count: range.count)
      (to + range.count).update(repeating: 0, count: width - range.count)
    }
  }
}
