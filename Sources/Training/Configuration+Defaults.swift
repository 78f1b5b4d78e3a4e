import Datasets
import Layers

extension Configuration {
  /// What a recipe and then flags ask for; what they leave open comes from the model's own defaults.
  public init(
    recipe: [(key: String, value: String)], flags: [(key: String, value: String)]
  ) throws(SettingError) {
    self.init()
    let given = recipe + flags
    // The data set decides on the model, and the model on the defaults of everything else.
    for (key, value) in given where ["dataset", "model", "arch"].contains(key) {
      try set(key, to: value)
    }
    if network == nil { network = .named(Self.defaultModel(for: dataset)) }
    if case .named(let model)? = network { applyDefaults(of: model) }
    for (key, value) in given { try set(key, to: value) }
  }

  private static func defaultModel(for dataset: String) -> NamedModel {
    let isColour = ((try? Catalogue.entry(named: dataset))?.channels ?? 1) == 3
    guard let model = NamedModel.named(isColour ? "fer-cifar" : "fer-mnist") else {
      preconditionFailure("the default model is one of the named ones")
    }
    return model
  }
}
