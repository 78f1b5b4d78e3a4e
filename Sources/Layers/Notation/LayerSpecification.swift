/// A layer as the notation describes it, before its input is known.
///
/// A layer's file holds its specification: the words of the notation, the code that reads and
/// writes their arguments, and the code that builds the layer. ``LayerRegistry`` lists the
/// specifications.
package protocol LayerSpecification: Equatable, Sendable {
  /// The layer's words, with their arguments.
  static var words: [LayerWord] { get }

  /// Reads the arguments of one of ``words``. The caller rejects arguments that are left over.
  init(_ arguments: inout NotationArguments) throws(NotationError)

  /// The layer in its shortest form; equal specifications have equal texts. Checkpoints store it.
  var canonical: String { get }

  /// Builds the layer for the builder's input.
  ///
  /// - Throws: ``NotationError`` if the layer cannot take the input.
  func makeLayer(in builder: inout LayerBuilder) throws(NotationError) -> any Layer

  /// The change to suggest if the layer's output would not fit into memory.
  var remedyForLargeOutput: String { get }
}

extension LayerSpecification {
  package var remedyForLargeOutput: String { "fewer outputs" }

  package func isEqual(to other: any LayerSpecification) -> Bool { other as? Self == self }
}

/// A layer with one word and no arguments.
package protocol PlainSpecification: LayerSpecification {
  static var word: LayerWord { get }
  init()
}

extension PlainSpecification {
  package static var words: [LayerWord] { [word] }
  package init(_ arguments: inout NotationArguments) throws(NotationError) { self.init() }
  package var canonical: String { Self.word.name }
}
