import Layers

/// An invalid value of a setting.
public struct SettingError: Error, Equatable, Sendable, CustomStringConvertible {
  public let key: String
  public let problem: String
  /// The given value; nil if the problem mentions it.
  public let found: String?
  public let expected: String

  public init(
    key: String, problem: String = "invalid value", found: String?, expected: String
  ) {
    self.key = key
    self.problem = problem
    self.found = found
    self.expected = expected
  }

  public var description: String {
    guard let found else { return "--\(key): \(expecting(expected, after: problem))." }
    return "--\(key): \(problem) (found “\(found)”, expected \(expected))."
  }
}

/// One setting of a run: its name, its flag, and its conversion from and to text.
public struct Setting: Sendable {
  /// The title under which `train --help` lists a flag.
  public enum Group: String, Sendable, CaseIterable {
    case data = "Data"
    case network = "Network"
    case training = "Training"
    case execution = "Execution (does not change results)"
  }

  /// The flag's name without its dashes, and the key in files.
  public let key: String
  /// True if results depend on it.
  public let changesResults: Bool
  /// True if a resumed run may have another value.
  public let mayChangeOnResume: Bool
  let get: @Sendable (Configuration) -> String?
  let set: @Sendable (inout Configuration, String) throws(SettingError) -> Void

  /// The arguments of `flag(_:_:value:words:)`.
  public private(set) var group = Group.training
  public private(set) var help = ""
  /// The name of the value in the help; nil for the setting's own name.
  public private(set) var valueName: String?
  /// True if every value is a number.
  public private(set) var isNumber = false
  /// True if the flag takes no value.
  public private(set) var isSwitch = false
  /// Values, or their beginnings, for shell completion.
  public var words: [String] { listWords() }
  private var listWords: @Sendable () -> [String] = { [] }

  typealias Path<Value> = WritableKeyPath<Configuration, Value> & Sendable

  init(
    _ key: String, changesResults: Bool = true, mayChangeOnResume: Bool = false,
    get: @escaping @Sendable (Configuration) -> String?,
    set: @escaping @Sendable (inout Configuration, String) throws(SettingError) -> Void
  ) {
    self.key = key
    self.changesResults = changesResults
    self.mayChangeOnResume = mayChangeOnResume || !changesResults
    self.get = get
    self.set = set
  }

  /// This setting with the properties of its flag: the group, one sentence of help, the name of the
  /// value, and words for shell completion.
  func flag(
    _ group: Group, _ help: String, value: String? = nil,
    words: @escaping @Sendable () -> [String] = { [] }
  ) -> Setting {
    var setting = self
    setting.group = group
    setting.help = help
    setting.valueName = value
    setting.listWords = words
    return setting
  }

  /// This setting with the properties of a flag that takes no value.
  func switchFlag(_ group: Group, _ help: String) -> Setting {
    var setting = flag(group, help)
    setting.isSwitch = true
    return setting
  }

  /// A setting of any type that has a text form.
  static func value<Value>(
    _ key: String, _ path: Path<Value>, expected: String, changesResults: Bool = true,
    mayChangeOnResume: Bool = false, text: @escaping @Sendable (Value) -> String?,
    parse: @escaping @Sendable (String) -> Value?
  ) -> Setting {
    Setting(
      key, changesResults: changesResults, mayChangeOnResume: mayChangeOnResume,
      get: { text($0[keyPath: path]) },
      set: { (configuration, found) throws(SettingError) in
        guard let value = parse(found) else {
          throw SettingError(key: key, found: found, expected: expected)
        }
        configuration[keyPath: path] = value
      })
  }

  private static func numeric(_ setting: Setting) -> Setting {
    var setting = setting
    setting.isNumber = true
    return setting
  }

  /// A whole number in `range`.
  static func integer(
    _ key: String, _ path: Path<Int>, in range: ClosedRange<Int>, changesResults: Bool = true
  ) -> Setting {
    numeric(
      value(
        key, path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        changesResults: changesResults, text: { "\($0)" },
        parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }))
  }

  /// A whole number in `range`, or nil.
  static func integer(
    _ key: String, _ path: Path<Int?>, in range: ClosedRange<Int>, changesResults: Bool = true,
    mayChangeOnResume: Bool = false
  ) -> Setting {
    numeric(
      value(
        key, path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        changesResults: changesResults, mayChangeOnResume: mayChangeOnResume,
        text: { $0.map { "\($0)" } },
        parse: { Int($0).flatMap { range.contains($0) ? .some($0) : nil } }))
  }

  /// A number that `isValid` accepts.
  static func number(
    _ key: String, _ path: Path<Double>, expected: String, mayChangeOnResume: Bool = false,
    isValid: @escaping @Sendable (Double) -> Bool
  ) -> Setting {
    numeric(
      value(
        key, path, expected: expected, mayChangeOnResume: mayChangeOnResume, text: { "\($0)" },
        parse: { Double($0).flatMap { $0.isFinite && isValid($0) ? $0 : nil } }))
  }

  /// A list of numbers, or nil.
  static func numbers(
    _ key: String, _ path: Path<[Double]?>, expected: String,
    isValid: @escaping @Sendable (Double) -> Bool
  ) -> Setting {
    value(
      key, path, expected: expected,
      text: { $0.map { $0.map { "\($0)" }.joined(separator: ",") } },
      parse: { text in
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
          Double($0)
        }
        guard numbers.allSatisfy({ $0.map { $0.isFinite && isValid($0) } ?? false }) else {
          return nil
        }
        return .some(numbers.compactMap { $0 })
      })
  }

  /// True or false; its flag takes no value.
  ///
  /// - `omitsDefault`: true if files do not list the setting while it is false.
  static func boolean(
    _ key: String, _ path: Path<Bool>, omitsDefault: Bool = false, changesResults: Bool = true
  ) -> Setting {
    var setting = value(
      key, path, expected: "true or false", changesResults: changesResults,
      text: { $0 || !omitsDefault ? "\($0)" : nil },
      parse: { ["true": true, "yes": true, "false": false, "no": false][$0] })
    setting.isSwitch = true
    return setting
  }

  static func text(_ key: String, _ path: Path<String?>) -> Setting {
    value(
      key, path, expected: "some text", changesResults: false, text: { $0 },
      parse: { $0.isEmpty ? nil : .some($0) })
  }
}
