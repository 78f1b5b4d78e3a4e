extension Configuration {
  /// All settings, in the order in which files list them.
  public static let settings =
    dataSettings
    + networkSettings
    + trainingSettings
    + optimizerSettings
    + updateSettings
    + averageSettings
    + selectionSettings
    + executionSettings

  /// The setting called `key`.
  public static func setting(_ key: String) -> Setting? { settings.first { $0.key == key } }

  /// Sets `key` from its text.
  public mutating func set(_ key: String, to value: String) throws(SettingError) {
    guard let setting = Self.setting(key) else {
      throw SettingError(
        key: key, found: value,
        expected: "one of the settings \(Self.settings.map(\.key).joined(separator: ", "))")
    }
    try setting.set(&self, value)
  }

  /// The text of the setting `key`; nil if it is not set.
  public func text(_ key: String) -> String? { Self.setting(key)?.get(self) }

  /// The settings that results depend on, for checkpoints.
  public var resultSettings: [(key: String, value: String)] {
    Self.settings.filter(\.changesResults).compactMap { setting in
      setting.get(self).map { (setting.key, $0) }
    }
  }

  /// The settings that a resumed run changed although it must not.
  public func differences(from run: Configuration) -> [String] {
    differences(from: run) { !$0.mayChangeOnResume }
  }

  /// The settings in which this run differs from another of its series, whose runs differ by their seed alone.
  /// `max-steps` counts, as a shorter run has another result.
  public func differencesInSeries(from run: Configuration) -> [String] {
    differences(from: run) { $0.changesResults || $0.key == "max-steps" }
  }

  private func differences(
    from run: Configuration, among counts: (Setting) -> Bool
  ) -> [String] {
    Self.settings.filter(counts).compactMap { setting in
      let (old, new) = (setting.get(run), setting.get(self))
      guard old != new else { return nil }
      return "--\(setting.key) was \(old ?? "not given") and is now \(new ?? "not given")"
    }
  }
}

extension Configuration.DecaySelection {
  var text: String {
    switch self {
    case .all: "all"
    case .weights: "weights"
    case .hidden: "hidden"
    case .named(let names): names.joined(separator: ",")
    }
  }

  init?(_ text: String) {
    switch text {
    case "all": self = .all
    case "weights": self = .weights
    case "hidden": self = .hidden
    default:
      let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ $0.contains(".") }) else { return nil }
      self = .named(names)
    }
  }
}
