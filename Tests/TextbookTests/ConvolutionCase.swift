import Testing
import Textbook

/// The shapes of a convolution over channels.
struct ConvolutionCase: CustomTestStringConvertible {
  var inputs: Int
  var outputs: Int
  var extent: Extent
  var kernel: Extent
  var stride: Extent
  var padding: Padding

  var testDescription: String {
    "\(inputs)→\(outputs) channels, \(extent.rows)×\(extent.columns), kernel "
      + "\(kernel.rows)×\(kernel.columns), stride \(stride.rows)×\(stride.columns), \(padding)"
  }

  /// Kernels of odd and even sizes and kernels that are not square, strides with a remainder or greater than the
  /// kernel, padding on some sides only, and extents as small as the kernel.
  static let general: [ConvolutionCase] = {
    let kernels: [Extent] = [1, 2, 3, Extent(1, 3), Extent(3, 2), Extent(4, 1)]
    let strides: [Extent] = [1, 2, Extent(1, 3), Extent(3, 2)]
    let paddings: [Padding] = [
      0, 1, Padding(rows: 0, columns: 2), Padding(top: 1, left: 0, bottom: 0, right: 2),
    ]
    let extents: [Extent] = [4, Extent(5, 4), Extent(4, 6)]
    var cases: [ConvolutionCase] = []
    for (a, kernel) in kernels.enumerated() {
      for (b, stride) in strides.enumerated() {
        let number = a * strides.count + b
        cases.append(
          ConvolutionCase(
            inputs: 1 + number % 3, outputs: 1 + (number / 2) % 3,
            extent: extents[(a + b) % extents.count], kernel: kernel, stride: stride,
            padding: paddings[(a + 3 * b + a / 4) % paddings.count]))
      }
    }
    return cases
  }()

  /// The lecture's cases: square kernels, and one stride and one padding for all sides.
  static let square: [ConvolutionCase] = (1...3).flatMap { k in
    (1...3).flatMap { stride in
      (0..<k).flatMap { padding in
        [(1, 2, Extent(4, 5)), (2, 1, Extent(3, 4))].map { inputs, outputs, extent in
          ConvolutionCase(
            inputs: inputs, outputs: outputs, extent: extent, kernel: Extent(k),
            stride: Extent(stride), padding: Padding(padding))
        }
      }
    }
  }
}
