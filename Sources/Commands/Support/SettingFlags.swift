import ArgumentParser
import Training

/// The flags of `train` for the settings of one group.
///
/// Each property has the name of a setting in camel case. `Configuration.settings` defines
/// everything else.
protocol SettingFlags: ParsableArguments {
  static var group: Setting.Group { get }
}

extension SettingFlags {
  /// The settings given as flags, in the order of the properties.
  var given: [(key: String, value: String)] {
    Mirror(reflecting: self).children.compactMap { label, value in
      guard let setting = Self.setting(property: label) else { return nil }
      if let option = value as? Option<String?> {
        return option.wrappedValue.map { (setting.key, $0) }
      }
      let isOn = (value as? Flag<Bool>)?.wrappedValue ?? false
      return isOn ? (setting.key, setting.switchedText) : nil
    }
  }

  /// The setting of a wrapped property: `batch-size` for `_batchSize`.
  static func setting(property label: String?) -> Setting? {
    guard let label, label.hasPrefix("_") else { return nil }
    let name = label.dropFirst().map { $0.isUppercase ? "-\($0.lowercased())" : "\($0)" }.joined()
    return Configuration.settings.first { $0.flagName == name }
  }
}

extension Setting {
  /// The setting called `key`, which must exist.
  fileprivate static func named(_ key: String) -> Setting {
    guard let setting = Configuration.setting(key) else {
      preconditionFailure("there is no setting \(key)")
    }
    return setting
  }

  fileprivate var argumentHelp: ArgumentHelp { ArgumentHelp(helpText, valueName: valueName) }

  /// The help of the setting called `key` without its default, for a command that has another
  /// default.
  static func help(_ key: String) -> ArgumentHelp { ArgumentHelp(named(key).help) }

  /// The shell completion for the setting called `key`.
  static func completion(_ key: String) -> CompletionKind? { named(key).completion }

  fileprivate var completion: CompletionKind? {
    switch key {
    case "data-dir": .directory
    case "init": .file(extensions: ["safetensors"])
    default: words.isEmpty ? nil : .list(words)
    }
  }
}

extension Option where Value == String? {
  /// The flag of the setting called `key`.
  init(setting key: String) {
    let setting = Setting.named(key)
    self.init(
      name: .customLong(setting.flagName), parsing: .unconditional, help: setting.argumentHelp,
      completion: setting.completion)
  }
}

extension Flag where Value == Bool {
  /// The flag without a value of the setting called `key`.
  init(wrappedValue: Bool, setting key: String) {
    let setting = Setting.named(key)
    self.init(
      wrappedValue: wrappedValue, name: .customLong(setting.flagName), help: setting.argumentHelp)
  }
}
