/// The choice of an algorithm for each convolution of a network.
///
/// As text it is `auto`, one algorithm for all layers such as `direct`, or algorithms by layer such
/// as `conv1=direct,conv2=winograd`, where `auto` applies to the layers that are not named.
public enum ConvolutionChoice: Equatable, Sendable, CustomStringConvertible {
  /// The algorithm of the least estimated cost, by a rule of the layer's extents and the batch.
  case automatic
  /// One algorithm for all layers.
  case all(String)
  /// Algorithms for some layers, sorted by layer; the other layers are automatic.
  case byLayer([LayerChoice])

  /// The algorithm of one layer.
  public struct LayerChoice: Equatable, Sendable {
    public let layer: String
    public let algorithm: String
  }

  private static let automaticName = "auto"

  /// The possible texts, for error messages.
  public static var forms: String {
    "\(automaticName), \(ConvolutionAlgorithms.names.joined(separator: ", ")), "
      + "or some by layer such as conv1=direct,conv2=winograd"
  }

  /// Reads a ``description``, or text that a person wrote.
  ///
  /// - Throws: ``ConvolutionChoiceError`` for an unknown algorithm, or for a layer that is named
  ///   twice. It does not check that the layers exist, which only a network can tell.
  public init(_ text: String) throws(ConvolutionChoiceError) {
    guard text.contains("=") else {
      try Self.check(text)
      self = text == Self.automaticName ? .automatic : .all(text)
      return
    }
    var choices: [LayerChoice] = []
    var layers: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty else { throw .unreadable(found: String(part)) }
      let (layer, algorithm) = (String(sides[0]), String(sides[1]))
      try Self.check(algorithm)
      guard !layers.contains(layer) else { throw .repeated(layer: layer) }
      layers.append(layer)
      if algorithm != Self.automaticName {
        choices.append(LayerChoice(layer: layer, algorithm: algorithm))
      }
    }
    // Sorts by number: conv2 comes before conv10.
    choices.sort { ($0.layer.utf8.count, $0.layer) < ($1.layer.utf8.count, $1.layer) }
    self = choices.isEmpty ? .automatic : .byLayer(choices)
  }

  private static func check(_ algorithm: String) throws(ConvolutionChoiceError) {
    guard algorithm == automaticName || ConvolutionAlgorithms.named(algorithm) != nil else {
      throw .unknownAlgorithm(found: algorithm)
    }
  }

  /// The text of the choice; equal choices have equal texts.
  public var description: String {
    switch self {
    case .automatic: Self.automaticName
    case .all(let algorithm): algorithm
    case .byLayer(let choices):
      choices.map { "\($0.layer)=\($0.algorithm)" }.joined(separator: ",")
    }
  }

  /// The algorithm chosen for `layer`; nil for automatic.
  public func algorithm(of layer: String) -> String? {
    switch self {
    case .automatic: nil
    case .all(let algorithm): algorithm
    case .byLayer(let choices): choices.first { $0.layer == layer }?.algorithm
    }
  }
}

/// A choice of algorithms that is not possible.
public enum ConvolutionChoiceError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(found: String)
  case unknownAlgorithm(found: String)
  case repeated(layer: String)
  /// - Parameter known: the network's convolutions.
  case unknownLayer(found: String, known: [String])
  /// - Parameters:
  ///   - convolution: the layer's extents, in words.
  ///   - scope: the convolutions that the algorithm supports, in words.
  case unsupported(layer: String, convolution: String, algorithm: String, scope: String)

  /// The error.
  public var problem: String {
    switch self {
    case .unreadable(let found): "“\(found)” is no choice for a layer"
    case .unknownAlgorithm(let found): "there is no algorithm “\(found)”"
    case .repeated(let layer): "\(layer) stands twice"
    case .unknownLayer(let found, _): "there is no convolution “\(found)”"
    case .unsupported(let layer, let convolution, let algorithm, _):
      "\(algorithm) does not compute \(layer), \(convolution)"
    }
  }

  /// The text that would be right.
  public var expected: String {
    switch self {
    case .unreadable, .unknownAlgorithm: ConvolutionChoice.forms
    case .repeated: "each layer once"
    case .unknownLayer(_, let known):
      known.isEmpty
        ? "auto for a network without convolutions" : "some of \(known.joined(separator: ", "))"
    case .unsupported(_, _, let algorithm, let scope):
      "\(scope); give \(algorithm) only to layers that it computes, such as conv2=\(algorithm)"
    }
  }

  public var description: String { "\(problem) (expected \(expected))." }
}
