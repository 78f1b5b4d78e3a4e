/// The choice of ``Im2RowConvolution``, a rule of the extents and the batch like ``ConvolutionCost``.
extension ConvolutionGeometry {
  /// True if the image of each block of groups, without taps that read only zeros, is one row of the matrix: one output
  /// reads every pixel.
  var readsWholeImage: Bool {
    let rows = ImageRows(block.cropped)
    return rows.pixels == 1 && rows.areTheImage
  }

  /// The fewest weights of one matrix, and those in inference; fewer stay in a cache.
  private static let fewestWeights = 1 << 15
  private static let fewestWeightsOfInference = 1 << 17
  /// The most outputs of a lane, and of an example in inference.
  private static let mostOutputsOfLane = 32
  private static let mostOutputsOfExample = 4

  /// True if the convolution is faster as one matrix product of all examples (``ConvolutionMatrix``).
  ///
  /// Algorithms that compute a few examples at a time read all weights for them, and in training each lane adds to weight
  /// gradients of its own. Where examples have few outputs, that takes most of their time. Otherwise it takes more time
  /// to write and read the matrix, above all for few channels of outputs.
  var suitsOneMatrix: Bool {
    guard groups == 1 else { return false }
    let rows = ImageRows(withoutKernelRows)
    guard rows.count <= Self.mostRowElements,
      rows.rowCount * outputChannels > Self.fewestWeights
    else { return false }
    let estimate = ConvolutionCost.matrix(self, rows: rows)
    if use.isInference {
      guard 2...Self.mostOutputsOfExample ~= rows.pixels,
        rows.rowCount * outputChannels > Self.fewestWeightsOfInference
      else { return false }
      // Small batches gain less than the estimates say.
      return ConvolutionAlgorithms.leastCost(of: self).map { 3 * estimate < 2 * $0.cost } ?? true
    }
    let most =
      rows.areTheImage
      ? Self.mostOutputsOfLane : min(Self.mostOutputsOfLane, outputChannels / 4)
    guard use.callExamples * rows.pixels <= most else { return false }
    guard isSupported(by: WinogradConvolution.self),
      let winograd = cost(of: WinogradConvolution.self)?.total
    else { return true }
    return estimate < winograd
  }
}
