extension ClassificationReport {
  /// The Wilson score interval of a proportion, at 95 % confidence.
  ///
  /// With `p = successes/trials`, `n = trials` and `z` the normal distribution's 97.5 % point,
  ///
  ///     (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
  ///
  /// (E. B. Wilson 1927). Unlike `p ± z·√(p(1 − p)/n)`, the interval stays within 0…1, and its width
  /// is positive even if all or none succeed.
  ///
  /// - Parameters:
  ///   - successes: from 0 to `trials`.
  ///   - trials: at least 1.
  public static func wilsonInterval(successes: Int, of trials: Int) -> ClosedRange<Double> {
    precondition(
      trials > 0 && (0...trials).contains(successes),
      "wilsonInterval: \(successes) successes of \(trials)")
    let z = 1.959963984540054
    let n = Double(trials)
    let p = Double(successes) / n
    let center = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    // The ends are exactly 0 and 1, which rounding could miss.
    let lower = successes == 0 ? 0 : (center - half) / scale
    let upper = successes == trials ? 1 : (center + half) / scale
    return max(0, lower)...min(1, upper)
  }
}
