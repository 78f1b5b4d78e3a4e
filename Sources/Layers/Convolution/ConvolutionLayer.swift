import Tensors

/// A layer whose passes one of several `ConvolutionAlgorithm`s computes.
public protocol ConvolutionLayer: Layer {
  /// The name of the algorithm for images of `input`'s extents: one of
  /// ``ConvolutionAlgorithms/names``.
  func algorithmName(for input: Shape) -> String

  /// The names of the algorithms that support images of `input`'s extents.
  func supportedAlgorithms(for input: Shape) -> [String]

  /// The name of the algorithm that ``setAlgorithm(_:for:batch:)`` got; nil for the automatic choice.
  var requestedAlgorithm: String? { get }

  /// The examples of a training step for which the algorithm is chosen.
  var batch: Int { get }

  /// Chooses the algorithm for images of `input`'s extents.
  ///
  /// Call it before an ``Executor`` is made for the layer's network, since the executor's memory
  /// depends on the algorithm.
  ///
  /// - `name`: one of ``ConvolutionAlgorithms/names``; nil for the automatic choice.
  /// - `batch`: the examples of a training step. A small batch does not amortize large transformed weights.
  /// - Throws: ``ConvolutionChoiceError`` if there is no such algorithm, or it does not compute this
  ///   convolution.
  func setAlgorithm(_ name: String?, for input: Shape, batch: Int) throws(ConvolutionChoiceError)

  /// Forgets the algorithm that executors made, so that another can be chosen. These executors must not be used again.
  func forgetAlgorithm()
}

extension ConvolutionLayer {
  /// Chooses the algorithm for images of `input`'s extents, and leaves ``batch`` as it is.
  public func setAlgorithm(_ name: String?, for input: Shape) throws(ConvolutionChoiceError) {
    try setAlgorithm(name, for: input, batch: batch)
  }
}

/// The algorithm of one layer, created when it is first needed, automatically or by request.
struct LayerAlgorithm {
  private let layer: String
  /// The rule that chooses one of the algorithms that support a convolution.
  private let choose: (ConvolutionGeometry) -> any ConvolutionAlgorithm.Type
  private(set) var use = ConvolutionUse()
  /// The algorithm that was requested instead.
  private var forced: (any ConvolutionAlgorithm.Type)?
  /// The algorithm that was created last, and the extents of its images.
  private var last: (geometry: ConvolutionGeometry, algorithm: any ConvolutionPasses)?

  init(
    of layer: String, forced: (any ConvolutionAlgorithm.Type)?,
    choose: @escaping (ConvolutionGeometry) -> any ConvolutionAlgorithm.Type = {
      ConvolutionAlgorithms.choose(for: $0, takesBatch: true)
    }
  ) {
    self.layer = layer
    self.forced = forced
    self.choose = choose
  }

  /// The algorithm that ``make(for:)`` returned last.
  var made: any ConvolutionPasses {
    guard let last else { preconditionFailure("\(layer): the pass was not prepared") }
    return last.algorithm
  }

  mutating func make(for geometry: ConvolutionGeometry) -> any ConvolutionPasses {
    if let last, last.geometry == geometry { return last.algorithm }
    let algorithm = ConvolutionAlgorithms.make(forced ?? choose(geometry), for: geometry)
    last = (geometry, algorithm)
    return algorithm
  }

  /// - Precondition: no algorithm was made for another batch.
  mutating func setBatch(_ examples: Int) {
    precondition(examples > 0, "\(layer): a batch of \(examples)")
    let changed = ConvolutionUse(batch: examples, isInference: use.isInference)
    precondition(
      last == nil || changed == use, "\(layer): its batch is set before its algorithm is used")
    use = changed
  }

  /// The same choice for inference: a requested algorithm stays, and the automatic choice is another rule.
  var forInference: LayerAlgorithm {
    var algorithm = self
    algorithm.use = ConvolutionUse(batch: use.batch, isInference: true)
    algorithm.last = nil
    return algorithm
  }

  mutating func forget() { last = nil }

  /// Takes an algorithm that was made for a convolution.
  mutating func set(_ algorithm: any ConvolutionPasses, for geometry: ConvolutionGeometry) {
    precondition(last == nil, "\(layer): its algorithm is chosen before it is used")
    last = (geometry, algorithm)
  }

  var requested: String? { forced?.name }

  func name(for geometry: ConvolutionGeometry) -> String { (forced ?? choose(geometry)).name }

  static func supported(_ geometry: ConvolutionGeometry) -> [String] {
    ConvolutionAlgorithms.selectable.filter { geometry.isSupported(by: $0) }.map { $0.name }
  }

  /// - Parameter convolution: a description of the convolution that the layer computes, for errors.
  mutating func force(
    _ name: String?, for geometry: ConvolutionGeometry, convolution: String
  ) throws(ConvolutionChoiceError) {
    var algorithm: (any ConvolutionAlgorithm.Type)?
    if let name {
      algorithm = ConvolutionAlgorithms.named(name)
      guard let algorithm else { throw .unknownAlgorithm(found: name) }
      guard geometry.isSupported(by: algorithm) else {
        throw .unsupported(
          layer: layer, convolution: convolution, algorithm: name, scope: algorithm.scope)
      }
    }
    precondition(
      last == nil || algorithm == forced, "\(layer): its algorithm is chosen before it is used")
    forced = algorithm
  }
}

extension ConvolutionGeometry: CustomStringConvertible {
  var description: String {
    let kernel = Extent2D(rows.kernel, columns.kernel)
    let stride = Extent2D(rows.stride, columns.stride)
    let inGroups = groups > 1 ? " in \(groups) groups" : ""
    return
      "\(inputChannels) to \(outputChannels) channels\(inGroups), kernel \(kernel), "
      + "stride \(stride), over \(Extent2D(rows.input, columns.input))"
  }
}

extension Convolution2D {
  /// `[outputChannels, inputChannels / groups, kh, kw]`: the weight's extents, also of signals.
  public var weightShape: [Int] {
    [outputChannels, inputChannels / groups, kernel.height, kernel.width]
  }

  public func algorithmName(for input: Shape) -> String { algorithm.name(for: geometry(input)) }

  public func supportedAlgorithms(for input: Shape) -> [String] {
    LayerAlgorithm.supported(geometry(input))
  }

  public var requestedAlgorithm: String? { algorithm.requested }

  public var batch: Int { algorithm.use.batch }

  public func forgetAlgorithm() { algorithm.forget() }

  public func setAlgorithm(
    _ name: String?, for input: Shape, batch: Int
  ) throws(ConvolutionChoiceError) {
    algorithm.setBatch(batch)
    let geometry = geometry(input)
    try algorithm.force(name, for: geometry, convolution: "\(geometry)")
  }
}

extension Sequential {
  /// Chooses the algorithm of every convolution; see ``ConvolutionLayer/setAlgorithm(_:for:batch:)``.
  ///
  /// - `batch`: the examples of a training step; nil for those that each layer has.
  /// - Throws: ``ConvolutionChoiceError`` for a layer that does not exist, or whose convolution the
  ///   algorithm does not support.
  public func setConvolutionAlgorithms(
    _ choice: ConvolutionChoice, batch: Int? = nil
  ) throws(ConvolutionChoiceError) {
    let convolutions = layers.enumerated().compactMap { index, layer in
      (layer as? any ConvolutionLayer).map { (layer: $0, input: inputShape(ofLayer: index)) }
    }
    if case .byLayer(let choices) = choice {
      let known = convolutions.map(\.layer.name)
      for choice in choices where !known.contains(choice.layer) {
        throw .unknownLayer(found: choice.layer, known: known)
      }
    }
    for (layer, input) in convolutions {
      try layer.setAlgorithm(
        choice.algorithm(of: layer.name), for: input, batch: batch ?? layer.batch)
    }
  }
}
