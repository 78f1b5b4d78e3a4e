import Networks

extension Setting {
  /// The flag without its dashes. A switch that is on by default has a flag that turns it off.
  public var flagName: String { isOnByDefault ? "no-\(key)" : key }

  /// The value of the setting if the flag, which takes no value, is given.
  public var switchedText: String { isOnByDefault ? "false" : "true" }

  private var isOnByDefault: Bool { isSwitch && get(Configuration()) == "true" }

  /// The default for the help; nil for a switch, and if there is none.
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
    guard let general = get(Configuration()) ?? (key == "augment" ? "none" : nil) else {
      return nil
    }
    return general + (Self.ownDefaults.contains(key) ? ", or the model's own" : "")
      + (Self.sizeDefaults.contains(key) ? "; by size for a small data set" : "")
  }

  /// The settings for which a small data set has its own default.
  private static let sizeDefaults: Set = [
    "epochs", "lr", "sched", "momentum", "weight-decay", "augment",
  ]

  /// The help sentence with the default.
  public var helpText: String { help + (defaultText.map { " (default: \($0))" } ?? "") }

  /// The settings for which some named model has its own default.
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
