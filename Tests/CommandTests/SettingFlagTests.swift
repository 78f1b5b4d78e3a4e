import ArgumentParser
import Testing

@testable import Commands
@testable import Training

/// The flags of `train` agree with the settings of a run.
@Suite struct SettingFlagTests {
  private static let groups: [any SettingFlags.Type] = [
    DataFlags.self, NetworkFlags.self, TrainingFlags.self, ExecutionFlags.self,
  ]

  /// Each property of the groups of flags, and its setting.
  private static let flags: [(group: Setting.Group, property: String, setting: Setting?)] =
    groups.flatMap { type in
      Mirror(reflecting: type.init()).children.map {
        (type.group, $0.label ?? "", type.setting(property: $0.label))
      }
    }

  /// The help of `train` with long lines.
  private static let help = TrainCommand.helpMessage(columns: 10_000)

  @Test func everySettingHasOneFlagInItsGroup() {
    for setting in Configuration.settings {
      let flags = Self.flags.filter { $0.setting?.key == setting.key }
      #expect(flags.map(\.group) == [setting.group], "\(setting.key)")
    }
  }

  @Test func everyFlagIsASetting() {
    #expect(Self.flags.count == Configuration.settings.count)
    for flag in Self.flags { #expect(flag.setting != nil, "\(flag.property)") }
  }

  @Test(arguments: Configuration.settings.map(\.key))
  func theHelpShowsSettingAndDefault(_ key: String) throws {
    let setting = try #require(Configuration.setting(key))
    #expect(setting.help.hasSuffix("."))
    let lines = Self.help.split(separator: "\n").map { $0.drop { $0 == " " } }
    let start = try #require(
      lines.firstIndex { "\($0) ".hasPrefix("--\(setting.flagName) ") }, "no --\(setting.flagName)")
    #expect(lines[start...].prefix(2).joined(separator: " ").contains(setting.helpText))
    let title = try #require(
      lines.firstIndex { $0.lowercased() == "\(setting.group.rawValue.lowercased()):" })
    #expect(title < start)
  }

  @Test func aFlagSetsItsSetting() throws {
    for setting in Configuration.settings {
      let text = setting.isSwitch ? setting.switchedText : "some text"
      let arguments = ["--\(setting.flagName)"] + (setting.isSwitch ? [] : [text])
      let command = try #require(try TrainCommand.parseAsRoot(arguments) as? TrainCommand)
      #expect(command.given.map(\.key) == [setting.key])
      #expect(command.given.map(\.value) == [text])
    }
  }

  @Test func defaultsAreThoseOfAConfiguration() throws {
    for (key, text) in [
      ("epochs", "8.0, or the model's own; by size for a small data set"), ("seed", "1"),
      ("log-every", "100"),
      ("loss", "cross-entropy, or the model's own"),
    ] {
      #expect(try #require(Configuration.setting(key)).defaultText == text)
    }
  }

  @Test func shellsCompleteNames() throws {
    let script = TrainCommand.completionScript(for: .bash)
    for word in ["fer-cifar", "fashion-mnist", "conv1d(", "winograd-rows"] {
      #expect(script.contains(word), "\(word)")
    }
  }
}
