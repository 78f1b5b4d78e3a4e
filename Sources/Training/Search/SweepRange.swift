import Datasets
import Tensors

/// A range from which a sweep draws the values of a setting.
public struct SweepRange: Equatable, Sendable {
  enum Form: String, CaseIterable {
    /// All numbers of the range are equally probable.
    case uniform
    /// The logarithms of the numbers are: for learning rates and weight decays.
    case logarithmic = "loguniform"
    /// All whole numbers of the range are equally probable.
    case integer
  }

  let form: Form
  let low: Double
  let high: Double

  static let forms = "uniform(0,0.5), loguniform(1e-4,1e-1) or integer(1,8)"

  /// True if `text` begins as a range does.
  static func isMeant(by text: String) -> Bool {
    Form.allCases.contains { text.filter { !$0.isWhitespace }.hasPrefix("\($0.rawValue)(") }
  }

  /// Reads `uniform(a,b)`, `loguniform(a,b)` or `integer(a,b)`; nil for anything else.
  init?(_ text: String) {
    let text = text.filter { !$0.isWhitespace }
    let word = text.prefix { $0 != "(" }
    guard let form = Form(rawValue: String(word)), text.hasSuffix(")") else { return nil }
    let numbers = text.dropFirst(word.count + 1).dropLast()
      .split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count == 2, let low = numbers[0], let high = numbers[1],
      low < high, low.isFinite, high.isFinite, abs(low) <= 1e9, abs(high) <= 1e9
    else { return nil }
    if form == .logarithmic && low <= 0 { return nil }
    if form == .integer && (low != low.rounded() || high != high.rounded()) { return nil }
    self.form = form
    self.low = low
    self.high = high
  }

  /// The text of a drawn value; numbers are rounded to four significant digits.
  func draw(_ random: inout Random) -> String {
    switch form {
    case .integer: return "\(Int(low) + random.integer(below: Int(high - low) + 1))"
    case .uniform: return text(low + (high - low) * Double(random.uniform()))
    case .logarithmic:
      let ratio = ExactMath.logarithm(high / low)
      return text(low * ExactMath.exponential(ratio * Double(random.uniform())))
    }
  }

  private func text(_ value: Double) -> String {
    guard value != 0 else { return "0.0" }
    var exponent = 0
    var digits = abs(value)
    while digits < 1000 {
      digits *= 10
      exponent -= 1
    }
    while digits >= 10_000 {
      digits /= 10
      exponent += 1
    }
    let rounded = Double("\(Int(digits.rounded()))e\(exponent)") ?? abs(value)
    return "\(min(high, max(low, value < 0 ? -rounded : rounded)))"
  }
}
