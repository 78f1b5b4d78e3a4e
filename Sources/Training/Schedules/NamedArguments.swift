/// The arguments of a schedule or an average, in parentheses or alone: `2,0.1`, `until=8.5,floor=0.05`.
///
/// A reader takes the arguments that it knows, and then checks that ``isEmpty`` is true.
struct NamedArguments {
  private var plain: [String] = []
  private var named: [String: String] = [:]

  /// Nil if an argument is empty, or if a name appears twice.
  init?(_ text: String) {
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = item.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard sides.count <= 2, sides.allSatisfy({ !$0.isEmpty }) else { return nil }
      if sides.count == 1 {
        plain.append(sides[0])
      } else {
        guard named.updateValue(sides[1], forKey: sides[0]) == nil else { return nil }
      }
    }
  }

  private init() {}

  /// No arguments.
  static let none = NamedArguments()

  /// True if every argument was taken.
  var isEmpty: Bool { plain.isEmpty && named.isEmpty }

  /// The next argument without a name.
  mutating func next() -> String? { plain.isEmpty ? nil : plain.removeFirst() }

  /// The argument called `name`; nil if it is not given.
  mutating func text(_ name: String) -> String? { named.removeValue(forKey: name) }

  /// The number called `name`, or `standard` if it is not given.
  ///
  /// - Returns: nil if the text is no finite number, or `isValid` is false.
  mutating func number(
    _ name: String, or standard: Double, where isValid: (Double) -> Bool
  ) -> Double? {
    guard let text = text(name) else { return standard }
    return Double(text).flatMap { $0.isFinite && isValid($0) ? $0 : nil }
  }

  /// The whole number called `name`, or `standard` if it is not given.
  ///
  /// - Returns: nil if the text is no number of `range`.
  mutating func integer(_ name: String, or standard: Int, in range: ClosedRange<Int>) -> Int? {
    guard let text = text(name) else { return standard }
    return Int(text).flatMap { range.contains($0) ? $0 : nil }
  }

  /// A text of `name=value` for each value that differs from its standard.
  static func text<Value: Equatable>(
    _ name: String, _ value: Value, unless standard: Value
  ) -> String? {
    value == standard ? nil : "\(name)=\(value)"
  }
}
