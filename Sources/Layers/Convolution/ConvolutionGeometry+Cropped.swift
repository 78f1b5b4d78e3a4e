/// The taps of a kernel that reach the image.
///
/// Where an image is smaller than the kernel, some taps read only the zeros around it: a 9×9 kernel on an image
/// of 2×2 pixels, with zeros for an output of 2×2, has 3×3 taps that read a pixel.
extension ConvolutionAxis {
  /// The taps from the first to the last that reads a pixel for some output; all taps if none does.
  var reachingTaps: Range<Int> {
    let reaching = (0..<kernel).filter { !reachedOutputs(ofTap: $0).isEmpty }
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

extension ConvolutionAxis {
  /// The taps that read a pixel for one output.
  func reachingTaps(ofOutput output: Int) -> Range<Int> {
    Self.taps(kernel, from: stride * output - before, in: input)
  }

  /// The outputs for which one tap reads a pixel.
  func reachedOutputs(ofTap tap: Int) -> Range<Int> {
    let first = before - tap
    let end = min(output, max(0, input + first + stride - 1) / stride)
    return min(end, max(0, first + stride - 1) / stride)..<end
  }

  /// The pairs of an output and a tap that read a pixel: the products of a convolution along this axis.
  var reachingPairs: Int { (0..<output).reduce(0) { $0 + reachingTaps(ofOutput: $1).count } }

  /// The flipped taps of a phase of backward data that read `∂y` for the phase's input number `line`.
  func reachingTaps(ofLine line: Int, _ phase: Phase) -> Range<Int> {
    Self.taps(phase.taps, from: phase.start + line, in: output)
  }

  /// The taps that lie inside an extent, of `count` neighbors from `first` on.
  private static func taps(_ count: Int, from first: Int, in extent: Int) -> Range<Int> {
    let begin = min(count, max(0, -first))
    return begin..<max(begin, min(count, extent - first))
  }

  /// Calls `body` for each run of neighboring outputs with the same taps, or of neighboring taps with the same
  /// outputs.
  static func forEachRun(
    of indices: Range<Int>, with partners: (_ index: Int) -> Range<Int>,
    _ body: (_ indices: Range<Int>, _ partners: Range<Int>) -> Void
  ) {
    var first = indices.lowerBound
    while first < indices.upperBound {
      let common = partners(first)
      let end =
        (first..<indices.upperBound).first { partners($0) != common } ?? indices.upperBound
      body(first..<end, common)
      first = end
    }
  }
}

extension ConvolutionGeometry {
  /// The same convolution without the outer taps that read only zeros.
  var cropped: ConvolutionGeometry {
    ConvolutionGeometry(
      rows: rows.cropped, columns: columns.cropped, inputChannels: inputChannels,
      outputChannels: outputChannels, groups: groups, use: use)
  }

  /// The convolution that `algorithm` computes: ``cropped`` if it supports that. Winograd's method does not where a
  /// square kernel becomes oblong.
  func cropped(for algorithm: any ConvolutionAlgorithm.Type) -> ConvolutionGeometry {
    let cropped = cropped
    let computed = algorithm is DepthwiseAlgorithm.Type ? cropped : cropped.block
    return algorithm.supports(computed) ? cropped : self
  }
}
