/// The passes of a convolution for which ``NarrowConvolution`` pays, a rule of the extents.
struct NarrowPasses {
  var forward = false
  var weights = false
  var data = false
  var isAny: Bool { forward || weights || data }

  /// Backward data alone, if it pays.
  var dataAlone: NarrowPasses {
    var passes = NarrowPasses.none
    passes.data = data
    return passes
  }

  /// None of the passes.
  static let none = NarrowPasses()

  private init() {}

  init(_ g: ConvolutionGeometry) {
    let length = g.columns.kernel * g.inputChannels
    forward = Self.pays(
      channels: g.outputChannels, rows: g.rows.kernel, length: length, dotProducts: true)
    weights = Self.pays(
      channels: g.outputChannels, rows: g.rows.kernel, length: length, dotProducts: false)
    // The first layer has no gradient of an image, which has at most 3 channels.
    data =
      g.inputChannels > 3
      && Self.pays(
        channels: g.inputChannels, rows: g.rows.tapsOfPhase,
        length: g.columns.tapsOfPhase * g.outputChannels, dotProducts: true)
  }

  /// The vectors of 16 that hold the terms of a kernel row.
  static func vectors(_ length: Int) -> Int { (length + 15) / 16 }

  /// True if vectors of terms, for each of few channels, take less time than vectors of channels, for each term.
  ///
  /// - Parameters:
  ///   - rows: the kernel rows.
  ///   - length: the terms of a kernel row.
  ///   - dotProducts: true if partial sums are added, which takes the time of three vectors.
  private static func pays(channels: Int, rows: Int, length: Int, dotProducts: Bool) -> Bool {
    let vectors = rows * vectors(length) + (dotProducts ? 3 : 0)
    return channels < 32
      && Double(channels * vectors) < Double(rows * length)
        * ConvolutionCost.productVectors(channels)
  }
}
