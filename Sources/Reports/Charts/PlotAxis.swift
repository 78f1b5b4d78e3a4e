import Terminal

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An axis of a plot: a range of values and its labeled ticks.
struct PlotAxis: Equatable, Sendable {
  struct Tick: Equatable, Sendable {
    let value: Double
    let label: String
  }

  let range: ClosedRange<Double>
  let ticks: [Tick]
  private let isLogarithmic: Bool

  /// Beyond these limits powers of ten are 0 or infinite.
  private static let greatestValue = 1e300
  private static let leastExtent = 1e-290
  private static let leastExponent = -300.0

  /// An axis with ticks at multiples of 1, 2 or 5 times a power of ten, four to eight of them.
  ///
  /// - Parameters:
  ///   - wholeNumbersOnly: true to place ticks at whole numbers only.
  ///   - widened: true to extend the range to the ticks around it.
  ///   - greatest: the upper limit of the axis.
  static func linear(
    _ range: ClosedRange<Double>, wholeNumbersOnly: Bool = false, widened: Bool = true,
    upTo greatest: Double = .infinity
  ) -> PlotAxis {
    var low = max(-greatestValue, min(range.lowerBound, greatestValue))
    var high = max(-greatestValue, min(range.upperBound, greatestValue))
    if high - low <= max(leastExtent, 1e-12 * max(abs(low), abs(high))) {
      let margin = abs(low) <= 10 * leastExtent ? 1 : abs(low) / 10
      (low, high) = (low - margin, min(greatest, high + margin))
    }
    var step = niceStep(for: high - low)
    if wholeNumbersOnly { step = max(1, step) }
    let first = (low / step + (widened ? 1e-9 : -1e-9)).rounded(widened ? .down : .up)
    let last = (high / step + (widened ? -1e-9 : 1e-9)).rounded(widened ? .up : .down)
    let decimals = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    let ticks = stride(from: first, through: last, by: 1).filter { $0 * step <= greatest }.map {
      index in
      Tick(value: index * step, label: label(index * step, step: step, decimals: decimals))
    }
    if widened { (low, high) = (first * step, min(greatest, last * step)) }
    return PlotAxis(range: low...high, ticks: ticks, isLogarithmic: false)
  }

  /// An axis with ticks at the powers of ten around a range of positive values.
  static func logarithmic(_ range: ClosedRange<Double>) -> PlotAxis {
    let low = max(leastExponent, min(log10(range.lowerBound), -leastExponent - 1))
    let first = (low + 1e-9).rounded(.down)
    let high = min(-leastExponent, log10(range.upperBound))
    let last = max(first + 1, (high - 1e-9).rounded(.up))
    let every = max(1, ((last - first) / 8).rounded(.up))
    let ticks = stride(from: first, through: last, by: every).map { exponent in
      let value = pow(10, exponent)
      return Tick(value: value, label: Format.significant(value, digits: 3))
    }
    return PlotAxis(
      range: pow(10, first)...pow(10, last), ticks: ticks, isLogarithmic: true)
  }

  /// The axis from the first epoch to the last. A single epoch stands in the middle of a range of 2.
  static func epochs(_ epochs: [Double]) -> PlotAxis {
    let epochs = epochs.filter(\.isFinite)
    guard let first = epochs.min(), let last = epochs.max() else { return .linear(0...1) }
    let areWhole = epochs.allSatisfy { $0 == $0.rounded() }
    return .linear(
      first < last ? first...last : first - 1...last + 1, wholeNumbersOnly: areWhole,
      widened: false)
  }

  /// An axis with a labeled place for each name, at 1, 2 and so on.
  static func places(_ names: [String]) -> PlotAxis {
    PlotAxis(
      range: 0.5...Double(max(1, names.count)) + 0.5,
      ticks: names.enumerated().map { Tick(value: Double($0 + 1), label: $1) },
      isLogarithmic: false)
  }

  /// The position of a value on the axis: 0 at the lower end of the range, 1 at the upper end.
  func position(of value: Double) -> Double {
    guard isLogarithmic else {
      return (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
    let low = log10(range.lowerBound)
    return (log10(value) - low) / (log10(range.upperBound) - low)
  }

  /// The least step of 1, 2 or 5 times a power of ten that divides `extent` into at most 6 steps.
  private static func niceStep(for extent: Double) -> Double {
    let rough = extent / 6
    let power = pow(10, log10(rough).rounded(.down))
    return power * ([1, 2, 5].first { $0 * power >= rough * (1 - 1e-9) } ?? 10)
  }

  private static func label(_ value: Double, step: Double, decimals: Int) -> String {
    guard (1e-4..<1e6).contains(step) else { return Format.significant(value, digits: 4) }
    return Format.fixed(abs(value) < step / 2 ? 0 : value, decimals: decimals)
  }
}
