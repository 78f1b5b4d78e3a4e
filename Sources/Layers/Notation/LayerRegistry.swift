/// The layers of the notation. A new layer needs one line here.
package enum LayerRegistry {
  /// The types of all layers, in the order of error messages and tables.
  package static let types: [any LayerSpecification.Type] = [
    Convolution2D.Specification.self,
    TransposedConvolution2D.Specification.self,
    Convolution1D.Specification.self,
    DepthwiseConvolution2D.Specification.self,
    BatchNormalization.Specification.self,
    GroupNormalization.Specification.self,
    ReLU.Specification.self,
    GELU.Specification.self,
    SiLU.Specification.self,
    Sigmoid.Specification.self,
    Tanh.Specification.self,
    MaxPooling.Specification.self,
    AveragePooling.Specification.self,
    GlobalPooling.Specification.self,
    Upsampling.Specification.self,
    Dropout.Specification.self,
    StochasticDepth.Specification.self,
    Signal.Specification.self,
    Flatten.Specification.self,
    FullyConnected.Specification.self,
    Scale.Specification.self,
    ResidualBranch.Specification.self,
  ]

  package static var words: [LayerWord] { types.flatMap { $0.words } }

  /// Each word and each alias, with its meaning and its layer.
  private static let entries: [String: (word: LayerWord, type: any LayerSpecification.Type)] = {
    var entries: [String: (word: LayerWord, type: any LayerSpecification.Type)] = [:]
    for type in types {
      for word in type.words {
        for name in [word.name] + word.aliases {
          let earlier = entries.updateValue((word, type), forKey: name)
          precondition(earlier == nil, "two layers have the word \(name)")
        }
      }
    }
    return entries
  }()

  static func opensBlock(_ name: String) -> Bool { entries[name]?.word.holdsLayers ?? false }

  /// Reads one word of `text` with its arguments.
  package static func read(
    _ word: NotationWord, of text: String
  ) throws(NotationError) -> any LayerSpecification {
    if word.block == .closes { return ResidualSum.Specification() }
    guard let entry = entries[word.name] else {
      throw NotationError(
        text: text, position: word.position, layer: word.text,
        problem: "there is no layer “\(word.name)”", expected: expectedWords)
    }
    var arguments = NotationArguments(word, as: entry.word, of: text)
    let specification = try entry.type.init(&arguments)
    try arguments.finish()
    return specification
  }

  /// `one of conv, convt, …`, for error messages.
  package static var expectedWords: String {
    "one of \(words.map(\.name).joined(separator: ", "))"
  }

  /// The table in `docs/notation.md`.
  package static var table: String {
    (["| layer | what it is | options, with their defaults |", "|---|---|---|"]
      + words.map(\.tableRow)).joined(separator: "\n")
  }
}
