import Networks

extension Setting {
  /// The flag, without its dashes: a switch that is on by itself is there to turn it off.
  public var flagName: String { isOnByDefault ? "no-\(key)" : key }

  /// What the flag gives for the setting if it takes no value.
  public var switchedText: String { isOnByDefault ? "false" : "true" }

  private var isOnByDefault: Bool { isSwitch && get(Configuration()) == "true" }

  /// The default, as the help shows it; nil for a switch, and where there is none.
  public var defaultText: String? {
    guard !isSwitch else { return nil }
    switch key {
    case "model": return "by the data set"
    case "threads": return "all processors"
    case "kernels": return "the fastest"
    case "val-split": return "5000, at most a tenth"
    case "mean", "std": return "the data set's"
    default: break
    }
    guard let general = get(Configuration()) else { return nil }
    return Self.ownDefaults.contains(key) ? "\(general), or the model's own" : general
  }

  /// The sentence of the help, with the default.
  public var helpText: String { help + (defaultText.map { " (default: \($0))" } ?? "") }

  /// The settings that some named model has a default of its own for.
  private static let ownDefaults: Set<String> = {
    let general = Configuration()
    var keys: Set<String> = []
    for model in NamedModel.all {
      guard let own = try? Configuration(recipe: [], flags: [("model", model.name)]) else {
        continue
      }
      for setting in Configuration.settings where setting.get(own) != setting.get(general) {
        keys.insert(setting.key)
      }
    }
    return keys
  }()
}
