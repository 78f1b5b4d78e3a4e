/// The groups of a convolution's channels, and the blocks in which they are computed.
///
/// A group of few channels would fill a part of the kernels' vectors. Neighboring groups are therefore
/// computed as one convolution, a block, whose weights between different groups are zeros. Blocks have at most
/// 16 channels, a vector of the widest instruction set, so that they take no more time than their groups
/// alone would. A group of more than 16 channels is a block. An input that is not finite reaches all outputs of its
/// block, since 0·∞ is NaN.
extension ConvolutionGeometry {
  private static let channelsOfBlock = 16

  /// The number of groups in a block. The last block may have fewer; zeros fill it up.
  var groupsOfBlock: Int { (groups + blockCount - 1) / blockCount }

  var blockCount: Int {
    let channels = max(inputChannels, outputChannels) / groups
    let most = max(1, Self.channelsOfBlock / channels)
    return (groups + most - 1) / most
  }

  /// The convolution of one block, which has no groups.
  var block: ConvolutionGeometry {
    guard groups > 1 else { return self }
    return ConvolutionGeometry(
      rows: rows, columns: columns, inputChannels: inputChannels / groups * groupsOfBlock,
      outputChannels: outputChannels / groups * groupsOfBlock, use: use)
  }

  /// True if each group has one input or one output channel.
  var isDepthwise: Bool { groups > 1 && (groups == inputChannels || groups == outputChannels) }

  /// True if `algorithm` can compute the convolution, or each block of its groups, or both without the taps that reach
  /// no pixel.
  func isSupported(by algorithm: any ConvolutionAlgorithm.Type) -> Bool {
    if algorithm is DepthwiseAlgorithm.Type { return algorithm.supports(self) }
    return algorithm.supports(block) || algorithm.supports(block.cropped)
  }

  /// The estimated time of each block of groups, without the taps that reach no pixel.
  func cost(of algorithm: any ConvolutionAlgorithm.Type) -> ConvolutionCost? {
    let (block, computed) = (block, block.cropped(for: algorithm))
    guard computed != self else { return algorithm.cost(of: self, part: nil) }
    let copied =
      (groups > 1 ? computed.weightVectors : 0) + (computed != block ? computed.weightVectors : 0)
    return algorithm.cost(
      of: computed,
      part: ConvolutionPart(count: blockCount, isGrouped: groups > 1, copiedWeights: copied))
  }

  /// The weights in vectors of 16 outputs.
  private var weightVectors: Double {
    Double(rows.kernel * columns.kernel * inputChannels * ((outputChannels + 15) / 16))
  }
}

/// A convolution that is computed as a part of a layer: a block of groups, or a kernel without the taps that reach no
/// pixel (``ConvolutionGeometry/cropped``).
struct ConvolutionPart {
  /// The number of parts of the layer.
  let count: Int
  /// True for a block of groups, which never takes the whole batch.
  let isGrouped: Bool
  /// The part's weights that are copied for the algorithm, and whose gradients are copied back, in vectors of 16.
  let copiedWeights: Double
}

extension ConvolutionAlgorithms {
  /// An algorithm for a convolution, which computes its groups, and the taps that reach the image, by
  /// `algorithm`.
  static func make(
    _ algorithm: any ConvolutionAlgorithm.Type, for geometry: ConvolutionGeometry
  ) -> any ConvolutionPasses {
    precondition(geometry.isSupported(by: algorithm), "\(geometry): not by \(algorithm.name)")
    let computed = geometry.cropped(for: algorithm)
    let passes: any ConvolutionPasses =
      geometry.groups == 1 || algorithm is DepthwiseAlgorithm.Type
      ? algorithm.init(computed) : GroupedConvolution(computed, by: algorithm)
    return computed == geometry ? passes : cropped(geometry, passes)
  }

  private static func cropped<Passes: ConvolutionPasses>(
    _ geometry: ConvolutionGeometry, _ passes: Passes
  ) -> any ConvolutionPasses { CroppedConvolution(geometry, passes) }
}
