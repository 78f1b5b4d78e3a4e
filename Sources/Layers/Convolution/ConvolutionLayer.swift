import Tensors

/// A layer that a ``ConvolutionAlgorithm`` computes, of which there are several.
public protocol ConvolutionLayer: Layer {
  /// The algorithm that computes images of `input`'s extents: one of ``ConvolutionAlgorithms/names``.
  func algorithmName(for input: Shape) -> String

  /// The algorithms that can compute images of `input`'s extents, in order of preference.
  func supportedAlgorithms(for input: Shape) -> [String]

  /// Chooses the algorithm for images of `input`'s extents, or leaves the choice to their rule.
  ///
  /// To be called before an ``Executor`` is made for the layer's network: the algorithm decides on the
  /// memory that it takes.
  ///
  /// - Parameter name: one of ``ConvolutionAlgorithms/names``; nil for the first that suits.
  /// - Throws: ``ConvolutionChoiceError`` if there is no such algorithm, or it does not compute this
  ///   convolution.
  func setAlgorithm(_ name: String?, for input: Shape) throws(ConvolutionChoiceError)
}

/// The algorithm of one layer: made when it is first needed, by a rule or as it was asked for.
struct LayerAlgorithm {
  private let layer: String
  /// Which one to take of those that support a convolution.
  private let choose: (ConvolutionGeometry) -> any ConvolutionAlgorithm.Type
  /// The one to take instead.
  private var forced: (any ConvolutionAlgorithm.Type)?
  /// For the images seen last.
  private var last: (geometry: ConvolutionGeometry, algorithm: any ConvolutionAlgorithm)?

  init(
    of layer: String, forced: (any ConvolutionAlgorithm.Type)?,
    choose: @escaping (ConvolutionGeometry) -> any ConvolutionAlgorithm.Type =
      ConvolutionAlgorithms.choose
  ) {
    self.layer = layer
    self.forced = forced
    self.choose = choose
  }

  /// What ``make(for:)`` gave last.
  var made: any ConvolutionAlgorithm {
    guard let last else { preconditionFailure("\(layer): the pass was not prepared") }
    return last.algorithm
  }

  mutating func make(for geometry: ConvolutionGeometry) -> any ConvolutionAlgorithm {
    if let last, last.geometry == geometry { return last.algorithm }
    let algorithm = (forced ?? choose(geometry)).init(geometry)
    last = (geometry, algorithm)
    return algorithm
  }

  func name(for geometry: ConvolutionGeometry) -> String { (forced ?? choose(geometry)).name }

  static func supported(_ geometry: ConvolutionGeometry) -> [String] {
    ConvolutionAlgorithms.all.filter { $0.supports(geometry) }.map { $0.name }
  }

  /// - Parameter convolution: what the layer computes by it, in words.
  mutating func force(
    _ name: String?, for geometry: ConvolutionGeometry, convolution: String
  ) throws(ConvolutionChoiceError) {
    var algorithm: (any ConvolutionAlgorithm.Type)?
    if let name {
      algorithm = ConvolutionAlgorithms.named(name)
      guard let algorithm else { throw .unknownAlgorithm(found: name) }
      guard algorithm.supports(geometry) else {
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
    return
      "\(inputChannels) to \(outputChannels) channels, kernel \(kernel), stride \(stride), over "
      + "\(Extent2D(rows.input, columns.input))"
  }
}

extension Convolution2D {
  public func algorithmName(for input: Shape) -> String { algorithm.name(for: geometry(input)) }

  public func supportedAlgorithms(for input: Shape) -> [String] {
    LayerAlgorithm.supported(geometry(input))
  }

  public func setAlgorithm(_ name: String?, for input: Shape) throws(ConvolutionChoiceError) {
    let geometry = geometry(input)
    try algorithm.force(name, for: geometry, convolution: "\(geometry)")
  }
}

extension Sequential {
  /// Chooses the algorithm of every convolution; see ``ConvolutionLayer/setAlgorithm(_:for:)``.
  ///
  /// - Throws: ``ConvolutionChoiceError`` for a layer that does not exist or that its algorithm does
  ///   not compute.
  public func setConvolutionAlgorithms(
    _ choice: ConvolutionChoice
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
      try layer.setAlgorithm(choice.algorithm(of: layer.name), for: input)
    }
  }
}
