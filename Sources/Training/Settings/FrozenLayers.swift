import Datasets
import Layers

/// The layers whose parameters are not trained: `--freeze`.
public enum FrozenLayers: Equatable, Sendable, CustomStringConvertible {
  /// All layers but the last one with parameters.
  case allButHead
  case named([String])

  static let forms = "all-but-head, or layers such as conv1,bn1"

  init?(_ text: String) {
    if text == "all-but-head" {
      self = .allButHead
      return
    }
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !names.contains("") else { return nil }
    self = .named(names)
  }

  public var description: String {
    switch self {
    case .allButHead: "all-but-head"
    case .named(let names): names.joined(separator: ",")
    }
  }

  /// Freezes the layers in `network`. Call this before creating an ``Executor``.
  ///
  /// - Throws: ``SettingError`` for a layer that does not exist, and if no layer is left to train.
  func freeze(in network: Sequential) throws(SettingError) {
    let layers = network.layers.filter { !$0.parameters.isEmpty }
    var frozen = Array(layers.dropLast())
    if case .named(let names) = self {
      frozen = []
      for name in names {
        frozen.append(try layers.named(name, setting: "freeze", expected: "all-but-head, or "))
      }
    }
    for layer in frozen {
      for parameter in layer.parameters { parameter.freeze() }
    }
    guard !network.trainedParameters.isEmpty else {
      throw SettingError(
        key: "freeze", problem: "nothing is left to train", found: description,
        expected: "a layer with parameters that is not named")
    }
  }
}

extension [any Layer] {
  /// The layer called `name`.
  ///
  /// - Throws: ``SettingError`` with the nearest name if there is no such layer.
  func named(
    _ name: String, setting: String, expected: String = ""
  ) throws(SettingError) -> any Layer {
    if let layer = first(where: { $0.name == name }) { return layer }
    let known = map(\.name)
    let nearest = NearestName.hint(name, among: known)
    throw SettingError(
      key: setting, problem: "there is no layer “\(name)” with parameters\(nearest)", found: nil,
      expected: "\(expected)some of \(known.joined(separator: ", "))")
  }
}
