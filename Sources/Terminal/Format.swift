#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Numbers as text for people.
public enum Format {
  /// A number with `decimals` digits after the point: `0.0312`.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    print(value, as: "%.*f", Int32(decimals))
  }

  /// A number with at most `digits` significant digits and without trailing zeros: `0.01`, `1e-05`.
  public static func significant(_ value: Double, digits: Int) -> String {
    print(value, as: "%.*g", Int32(digits))
  }

  /// A fraction of 1 in percent: `98.91%`.
  public static func percent(_ share: Double, decimals: Int = 2) -> String {
    fixed(100 * share, decimals: decimals) + "%"
  }

  /// A whole number in groups of three digits: `1,234,567`.
  public static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var grouped = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    return grouped
  }

  /// A number of things with their name: `1 image`, `2,000 images`.
  ///
  /// - Parameters:
  ///   - one: the name of one thing.
  ///   - many: the name of several; nil if it has only an s more.
  public static func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(Self.count(count)) \(count == 1 ? one : many ?? one + "s")"
  }

  /// A number of bytes in the largest binary unit that gives a value of at least 1: `12.3 MiB`.
  public static func bytes(_ count: Int) -> String {
    guard count.magnitude >= 1024 else { return "\(count) B" }
    var value = Double(count)
    var unit = -1
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    // With one decimal, 1023.95 would round to 1024.0 of the smaller unit.
    while unit < units.count - 1 && abs(value) >= (unit < 0 ? 1024 : 1023.95) {
      value /= 1024
      unit += 1
    }
    return fixed(value, decimals: 1) + " " + units[unit]
  }

  /// A duration in its two largest units: `4.2s`, `42s`, `1m 05s`, `2h 03m` or `3d 04h`.
  ///
  /// A negative duration gives `0.0s`. One that is not finite, or of 1000 days or more, gives `–`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 86_400_000 else { return "–" }
    if seconds < 9.95 { return fixed(max(0, seconds), decimals: 1) + "s" }
    let whole = Int(seconds.rounded())
    func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
      "\(large)\(largeUnit) \(small < 10 ? "0" : "")\(small)\(smallUnit)"
    }
    switch whole {
    case ..<60: return "\(whole)s"
    case ..<3600: return pair(whole / 60, "m", whole % 60, "s")
    case ..<86_400: return pair(whole / 3600, "h", whole % 3600 / 60, "m")
    default: return pair(whole / 86_400, "d", whole % 86_400 / 3600, "h")
    }
  }

  /// A speed: `12,345 images/s`. Speeds below 100 have three significant digits.
  public static func rate(_ perSecond: Double, of things: String) -> String {
    guard perSecond.isFinite, abs(perSecond) < 1e15 else { return "– \(things)/s" }
    let number =
      abs(perSecond) < 99.95
      ? significant(perSecond, digits: 3) : count(Int(perSecond.rounded()))
    return "\(number) \(things)/s"
  }

  private static func print(_ value: Double, as format: String, _ digits: Int32) -> String {
    withVaList([digits, value]) { arguments in
      // The longest text is that of the greatest Double, with 309 digits before the point.
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        vsnprintf(buffer.baseAddress!, buffer.count, format, arguments)
        return String(cString: buffer.baseAddress!)
      }
    }
  }
}
