import Layers

extension Architecture {
  /// The words of the notation for shell completion: `conv(`, `relu`.
  package static var completionWords: [String] {
    LayerRegistry.words.map { $0.arguments.isEmpty && !$0.holdsLayers ? $0.name : "\($0.name)(" }
  }
}
