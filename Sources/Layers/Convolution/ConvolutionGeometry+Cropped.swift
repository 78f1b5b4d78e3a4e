/// The taps of a kernel that reach the image.
///
/// Where an image is smaller than the kernel, some taps read only the zeros around it: a 9×9 kernel on an image
/// of 2×2 pixels, with zeros for an output of 2×2, has 3×3 taps that read a pixel.
extension ConvolutionAxis {
  /// The taps from the first to the last that reads a pixel for some output; all taps if none does.
  private var reachingTaps: Range<Int> {
    let reaching = (0..<kernel).filter { tap in
      (0..<output).contains { 0..<input ~= stride * $0 + tap - before }
    }
    guard let first = reaching.first, let last = reaching.last else { return 0..<kernel }
    return first..<last + 1
  }

  /// The first tap that reads a pixel.
  var firstTap: Int { reachingTaps.lowerBound }

  /// The same outputs without the taps outside ``reachingTaps``.
  var cropped: ConvolutionAxis {
    let taps = reachingTaps
    guard taps.count < kernel else { return self }
    let before = before - taps.lowerBound
    let read = stride * (output - 1) + taps.count
    return ConvolutionAxis(
      input: input, kernel: taps.count, stride: stride,
      zeros: (before: before, after: max(0, read - before - input)))
  }
}

extension ConvolutionGeometry {
  /// The same convolution without the outer taps that read only zeros.
  var cropped: ConvolutionGeometry {
    ConvolutionGeometry(
      rows: rows.cropped, columns: columns.cropped, inputChannels: inputChannels,
      outputChannels: outputChannels, groups: groups)
  }

  /// The convolution that `algorithm` computes: ``cropped`` if it supports that. Winograd's method does not where a
  /// square kernel becomes oblong.
  func cropped(for algorithm: any ConvolutionAlgorithm.Type) -> ConvolutionGeometry {
    let cropped = cropped
    return algorithm.supports(cropped) ? cropped : self
  }
}
