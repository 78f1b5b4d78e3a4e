import Tensors

/// An estimate of the time that an algorithm takes for the passes of a convolution, in training or in inference.
///
/// The estimate is a sum of counts, each times the time of one: products of vectors, transforms,
/// memory that is read and written. It is a rule of the extents and the batch, never a measurement, so
/// that a run is reproducible to the bit. `scripts/fit-convolution-costs` measured the times on one
/// thread with AVX-512, and fitted the constants.
///
/// What an algorithm does once for a batch, or once for each call, is divided among the examples (``ConvolutionUse``).
/// So a batch of one example has other tiles than one of 32.
///
/// The passes of training are forward, backward weights, and backward data. Backward data is left out for at most 3
/// input channels: such a layer is usually the first of its network, and does not compute it. Inference has the forward
/// pass alone, and reads weights that were transformed before. It has the same counts, with constants of its own.
struct ConvolutionCost {
  /// The counts for one image, in millions.
  let counts: [Double]
  /// The estimated time, in units of a thousand products of vectors at the processor's peak.
  let total: Double

  /// - Parameter constants: the time of one of each count.
  private init(_ counts: [Double], _ constants: [Double]) {
    precondition(counts.count == constants.count, "a constant for each count")
    self.counts = counts.map { $0 * 1e-6 }
    total = zip(self.counts, constants).reduce(0) { $0 + $1.0 * $1.1 }
  }

  static func readsInputGradient(_ g: ConvolutionGeometry) -> Bool {
    !g.use.isInference && g.inputChannels > 3
  }

  /// The vectors of 16 floats of some channels.
  private static func vectors(_ channels: Int) -> Double { Double((channels + 15) / 16) }

  /// The vectors of products to some channels. A last vector of at most 8 channels counts as 0.7: it has half the
  /// products, and as many loads.
  static func productVectors(_ channels: Int) -> Double {
    let rest = channels % 16
    return Double(channels / 16) + (rest == 0 ? 0 : rest <= 8 ? 0.7 : 1)
  }

  /// The time of products in blocks of some rows, relative to that in large blocks. A block of few
  /// sums waits for the results of its multiply-adds.
  private static func slowness(rows: Int, columns: Int) -> Double {
    let blocks = (rows + mostRows - 1) / mostRows
    let sums = Double(rows) / Double(blocks) * min(2, vectors(columns))
    return max(1, independentSums / sums)
  }

  /// The rows of a register block, and the sums that keep the multipliers busy.
  private static let mostRows = 14
  private static let independentSums = 8.0

  /// What is done once for a batch, and once for each call, for one of the examples.
  private static func ofBatch(_ count: Double, _ g: ConvolutionGeometry) -> Double {
    count / Double(g.use.batch)
  }
  private static func ofCall(_ count: Double, _ g: ConvolutionGeometry) -> Double {
    count / Double(g.use.callExamples)
  }
  /// What is done once for each lane in training, where lanes have weight gradients of their own.
  private static func ofLane(_ count: Double, _ g: ConvolutionGeometry) -> Double {
    g.use.isInference ? 0 : ofCall(count, g)
  }

  private static func copied(_ part: ConvolutionPart?, _ g: ConvolutionGeometry) -> Double {
    ofLane(part?.copiedWeights ?? 0, g)
  }

  /// The vectors of weights that a core's second-level cache holds.
  private static let vectorsOfCache = Double(WinogradConvolution.greatestWeight / 16)

  // MARK: Algorithms

  /// Products of vectors, the beginnings of register blocks in products and in outer products, the vectors of images,
  /// the weights that a lane copies, and those that are rearranged for a batch; then for the passes of
  /// ``NarrowConvolution`` products of vectors, dot products, and the vectors of a lane's weight gradients.
  ///
  /// - Parameter narrow: the passes that ``NarrowConvolution`` computes.
  static func direct(
    _ g: ConvolutionGeometry, narrow: NarrowPasses = .none, part: ConvolutionPart?
  ) -> ConvolutionCost {
    // Rows of the kernel outside the image are left out.
    let pairs = Double(g.rows.reachingPairs * g.columns.output)
    let outputVectors = productVectors(g.outputChannels)
    let rowTerms = Double(g.columns.kernel * g.inputChannels) * outputVectors
    let narrowRowTerms =
      Double(g.outputChannels)
      * Double(NarrowPasses.vectors(g.columns.kernel * g.inputChannels))
    var (products, productBlocks, outerBlocks) = (0.0, 0.0, 0.0)
    var (narrowProducts, dotProducts, narrowGradients) = (0.0, 0.0, 0.0)
    if narrow.forward {
      narrowProducts += pairs * narrowRowTerms
      dotProducts += Double(g.outputCount)
    } else {
      products += pairs * rowTerms * slowness(rows: g.columns.output, columns: g.outputChannels)
      productBlocks += blocks(g.rows.output, g.columns.output, outputVectors)
    }
    if g.use.isInference {
      // The weights do not change.
    } else if narrow.weights {
      narrowProducts +=
        pairs * narrowRowTerms * slowness(rows: g.outputChannels, columns: PanelMatrix.panelWidth)
      narrowGradients += ofLane(Double(g.rows.kernel) * narrowRowTerms, g)
    } else {
      products +=
        pairs * rowTerms
        * slowness(rows: g.columns.kernel * g.inputChannels, columns: g.outputChannels)
      outerBlocks += Double(g.rows.kernel) * rowTerms
    }
    if readsInputGradient(g) {
      let data = DataCounts(g, narrow: narrow.data)
      products += data.products
      productBlocks += data.blocks
      narrowProducts += data.narrowProducts
      dotProducts += data.dotProducts
    }
    // Training rearranges weights, and inference reads them all.
    let rearranges = g.use.isInference || narrow.forward
    let rearranged =
      (rearranges ? weightVectors(g) : 0) + (readsInputGradient(g) ? weightVectors(g) : 0)
    return ConvolutionCost(
      [
        products, productBlocks, outerBlocks, Double(g.inputCount + g.outputCount) / 16,
        copied(part, g), ofBatch(rearranged, g), narrowProducts, dotProducts, narrowGradients,
      ], Constants(for: g.use).direct)
  }

  /// The estimated time of one matrix product of all examples: that of the products, as in
  /// ``direct(_:narrow:part:)``, and of the vectors of `R` that are written and read.
  static func matrix(_ g: ConvolutionGeometry, rows: ImageRows) -> Double {
    let passes: Double = g.use.isInference ? 1 : readsInputGradient(g) ? 3 : 2
    let products = Double(rows.count) * productVectors(g.outputChannels)
    let vectors = rows.areTheImage ? 0 : 2 * Double(rows.count) / 16
    return passes * 1e-6 * (products * Constants(for: g.use).direct[0] + vectors * vectorOfRows)
  }

  /// The time to write and read a vector of `R`, about that of two products.
  private static let vectorOfRows = 2500.0

  /// The weights in vectors of 16.
  private static func weightVectors(_ g: ConvolutionGeometry) -> Double {
    Double(g.rows.kernel * g.columns.kernel * g.inputChannels * g.outputChannels) / 16
  }

  /// The beginnings of register blocks of some vectors of columns.
  private static func blocks(_ rows: Int, _ columns: Int, _ vectors: Double) -> Double {
    Double(rows * ((columns + mostRows - 1) / mostRows)) * vectors
  }

  /// The counts of backward data by ``DirectConvolution`` or by ``NarrowConvolution``.
  private struct DataCounts {
    var (products, blocks) = (0.0, 0.0)
    var (narrowProducts, dotProducts) = (0.0, 0.0)

    init(_ g: ConvolutionGeometry, narrow: Bool) {
      let (rows, columns) = (g.rows.inputsOfPhase, g.columns.inputsOfPhase)
      if narrow {
        let vectors = NarrowPasses.vectors(g.columns.tapsOfPhase * g.outputChannels)
        narrowProducts = Double(
          g.rows.reachingPairs * columns * g.columns.stride * g.inputChannels * vectors)
        dotProducts = Double(g.inputCount)
      } else {
        let vectors = productVectors(g.inputChannels)
        products =
          Double(g.rows.reachingPairs * columns * g.columns.kernel * g.outputChannels) * vectors
          * slowness(rows: columns, columns: g.inputChannels)
        blocks =
          Double(g.rows.stride * g.columns.stride)
          * ConvolutionCost.blocks(rows, columns, vectors)
      }
    }
  }

  /// Products of vectors with weights other than zero, the multiply-adds of transforms, the weights at all points that
  /// a batch transforms (or reads, in inference), and those that a lane does, the vectors of images, the weights that
  /// each call reads again from memory, the beginnings of register blocks, the weights that a lane copies, the
  /// vectors of padded images (those over phases) that exceed a core's cache, and the vectors of a block's inputs at all
  /// points that exceed half of it. The calls of parts read all weights again that exceed a core's cache; other
  /// convolutions take the whole batch then.
  static func winograd(
    _ convolution: WinogradConvolution, part: ConvolutionPart?
  ) -> ConvolutionCost {
    let g = convolution.phases.outer
    let tiling = convolution.tiling
    let (height, width) = tiling.tile.pointExtents(kernel: convolution.geometry.rows.kernel)
    let points = Double(height * width)
    let tiles = Double(tiling.tilesPerImage)
    let takesWholeBatch = takesWholeBatch(convolution, part: part)
    let together = takesWholeBatch ? g.use.batch : g.use.callExamples
    let rows = min(WinogradConvolution.tileBlock, together * tiling.tilesPerImage)
    let inputs = convolution.geometry.inputChannels
    let outputs = convolution.geometry.outputChannels
    let weights = points * Double(inputs) * productVectors(tiling.outputs)
    var products = weights * slowness(rows: rows, columns: outputs)
    if !g.use.isInference { products += weights }
    if readsInputGradient(g) {
      products +=
        points * Double(outputs) * productVectors(tiling.inputs)
        * slowness(rows: rows, columns: inputs)
    }
    products *= convolution.nonzeroShare
    let dataPasses: Double = readsInputGradient(g) ? 1 : 0
    /// The passes that read inputs or their gradients, and those that read outputs or their gradients.
    let inputPasses = dataPasses + (g.use.isInference ? 1 : 2)
    let outputPasses: Double = g.use.isInference ? 1 : 2
    let transforms =
      tiles * (inputPasses * vectors(tiling.inputs) + outputPasses * vectors(tiling.outputs))
      * (Double(width) * transform(points: height) + Double(height) * transform(points: width))
    let copies = Double(convolution.phases.copies)
    let images =
      inputPasses * copies * Double(g.rows.input * g.columns.input) * vectors(g.inputChannels)
      + outputPasses * Double(g.rows.output * g.columns.output) * vectors(g.outputChannels)
    let blocks =
      points * tiles / Double(min(rows, mostRows))
      * ((vectors(tiling.outputs) / 2).rounded(.up)
        + dataPasses * (vectors(tiling.inputs) / 2).rounded(.up))
    let paddedVectors = Double(tiling.paddedCount / 16)
    let largeImages = inputPasses * max(0, paddedVectors - vectorsOfCache)
    let pointVectors = points * Double(tiling.inputs / 16)
    let largeBlocks =
      inputPasses * tiles * max(0, pointVectors - vectorsOfCache / 2 / Double(rows))
    let read =
      takesWholeBatch
      ? 0 : part.map { inputPasses * max(0, weights - vectorsOfCache / Double($0.count)) } ?? 0
    return ConvolutionCost(
      [
        products * tiles, transforms, ofBatch(weights, g),
        takesWholeBatch ? ofBatch(weights, g) : ofLane(weights, g), images, ofCall(read, g),
        blocks, takesWholeBatch ? ofBatch(part?.copiedWeights ?? 0, g) : copied(part, g),
        largeImages, largeBlocks,
      ], Constants(for: g.use).winograd)
  }

  private static func takesWholeBatch(
    _ convolution: WinogradConvolution, part: ConvolutionPart?
  ) -> Bool {
    guard let part else { return convolution.takesWholeBatch }
    return !part.isGrouped
      && CroppedConvolution<WinogradConvolution>.takesWholeBatch(
        convolution, for: convolution.geometry.use)
  }

  /// The multiply-adds of the inputs' transform along one axis (`winograd-points.h`): for each point as many as there
  /// are pairs of points of opposite sign.
  private static func transform(points: Int) -> Double { Double(points * ((points - 1) / 2)) }

  /// Products of vectors at the points, transforms, the weights at all points that a batch transforms, and those that a
  /// lane does, and the weights that a lane copies; then of backward data products of vectors, or products of vectors
  /// and dot products by ``NarrowConvolution``.
  static func winogradRows(_ g: ConvolutionGeometry, part: ConvolutionPart?) -> ConvolutionCost {
    let inputs = Double(g.inputChannels)
    let outputVectors = vectors(g.outputChannels)
    let points = Double(WinogradRowConvolution.tile + g.columns.kernel - 1)
    let tiles = Double(
      g.rows.output
        * ((g.columns.output + WinogradRowConvolution.tile - 1) / WinogradRowConvolution.tile))
    let passes: Double = g.use.isInference ? 1 : 2
    let products = passes * tiles * points * Double(g.rows.kernel) * inputs * outputVectors
    let data = readsInputGradient(g) ? DataCounts(g, narrow: NarrowPasses(g).data) : nil
    let weights = Double(g.rows.kernel) * points * inputs * outputVectors
    return ConvolutionCost(
      [
        products, passes * tiles * points * (inputs / 16 + outputVectors),
        ofBatch(weights, g), ofLane(weights, g), copied(part, g),
        data?.products ?? 0, data?.narrowProducts ?? 0, data?.dotProducts ?? 0,
      ], Constants(for: g.use).winogradRows)
  }
}

extension ConvolutionLayer {
  /// The counts of ``ConvolutionCost`` for images of `input`'s extents, by algorithm, for
  /// measurements that fit its constants; those of all blocks of groups. Algorithms that are never chosen have none.
  ///
  /// - Parameter algorithm: a name of an algorithm, or of a tile (`winograd 4×4`).
  package func costCounts(of algorithm: String, for input: Shape) -> [Double] {
    guard let layer = self as? Convolution2D else { return [] }
    if let counts = layer.costCounts(ofTile: algorithm, for: input) { return counts }
    guard let algorithm = ConvolutionAlgorithms.named(algorithm) else { return [] }
    let geometry = layer.geometry(input)
    return geometry.cost(of: algorithm)?.counts.map { $0 * Double(geometry.blockCount) } ?? []
  }
}
