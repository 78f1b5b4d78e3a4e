/// A setting that cannot be what it was asked to be.
public struct SettingError: Error, Equatable, Sendable, CustomStringConvertible {
  public let key: String
  public let problem: String
  /// The value that was given, unless the problem says it all.
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
    let found = found.map { "found “\($0)”, " } ?? ""
    return "--\(key): \(problem) (\(found)expected \(expected))."
  }
}

/// One line of a configuration: its name, and how it is read and written.
public struct Setting: Sendable {
  /// The flag's name without its dashes; the key in files.
  public let key: String
  /// Whether the results depend on it.
  public let changesResults: Bool
  /// Whether a run may go on with another value.
  public let mayChangeOnResume: Bool
  let get: @Sendable (Configuration) -> String?
  let set: @Sendable (inout Configuration, String) throws(SettingError) -> Void

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

  /// A setting of any type that has a text.
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

  /// A whole number in `range`.
  static func integer(
    _ key: String, _ path: Path<Int>, in range: ClosedRange<Int>, changesResults: Bool = true
  ) -> Setting {
    value(
      key, path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      changesResults: changesResults, text: { "\($0)" },
      parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } })
  }

  /// A whole number in `range`, or nothing.
  static func integer(
    _ key: String, _ path: Path<Int?>, in range: ClosedRange<Int>, changesResults: Bool = true
  ) -> Setting {
    value(
      key, path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      changesResults: changesResults, text: { $0.map { "\($0)" } },
      parse: { Int($0).flatMap { range.contains($0) ? .some($0) : nil } })
  }

  /// A number that `isValid` accepts.
  static func number(
    _ key: String, _ path: Path<Double>, expected: String, mayChangeOnResume: Bool = false,
    isValid: @escaping @Sendable (Double) -> Bool
  ) -> Setting {
    value(
      key, path, expected: expected, mayChangeOnResume: mayChangeOnResume, text: { "\($0)" },
      parse: { Double($0).flatMap { $0.isFinite && isValid($0) ? $0 : nil } })
  }

  /// A list of numbers, or nothing.
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

  static func flag(_ key: String, _ path: Path<Bool>) -> Setting {
    value(
      key, path, expected: "true or false", text: { "\($0)" },
      parse: { ["true": true, "yes": true, "false": false, "no": false][$0] })
  }

  static func text(_ key: String, _ path: Path<String?>) -> Setting {
    value(
      key, path, expected: "some text", changesResults: false, text: { $0 },
      parse: { $0.isEmpty ? nil : .some($0) })
  }
}
