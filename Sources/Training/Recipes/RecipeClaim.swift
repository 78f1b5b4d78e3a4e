/// The result that a recipe promises: the test accuracy over some seeds, and the work of a run.
public struct RecipeClaim: Equatable, Sendable {
  /// One sentence about the recipe.
  public var about = ""
  /// The mean test accuracy, as a percentage.
  public var accuracy: Double?
  /// The standard deviation of the accuracy between seeds, in percentage points.
  public var accuracyStd: Double?
  /// The number of seeds of the mean.
  public var accuracySeeds: Int?
  /// The floating-point operations of a run, counted for direct convolution.
  public var flops: Double?

  /// The keys of a recipe that are no settings.
  static let keys = ["about", "accuracy", "accuracy-std", "accuracy-seeds", "flops"]

  public init() {}

  /// Sets the value of `key`, one of ``keys``.
  ///
  /// - Returns: what was expected, if `text` is not it.
  mutating func set(_ key: String, _ text: String) -> String? {
    func number(_ range: ClosedRange<Double>) -> Double? {
      Double(text).flatMap { range.contains($0) ? $0 : nil }
    }
    switch key {
    case "about": about = text
    case "accuracy":
      accuracy = number(0...100)
      return accuracy == nil ? "a percentage" : nil
    case "accuracy-std":
      accuracyStd = number(0...100)
      return accuracyStd == nil ? "a number of percentage points" : nil
    case "accuracy-seeds":
      accuracySeeds = Int(text).flatMap { $0 > 0 ? $0 : nil }
      return accuracySeeds == nil ? "a whole number above 0" : nil
    default:
      flops = number(0...1e30)
      return flops == nil ? "a number" : nil
    }
    return nil
  }

  /// The claim in words: `94.01 % ± 0.14 (mean of 10 seeds)`; nil without an accuracy.
  public var accuracyText: String? {
    guard let accuracy else { return nil }
    let spread = accuracyStd.map { " ± \($0)" } ?? ""
    let seeds = accuracySeeds.map { $0 == 1 ? " (1 seed)" : " (mean of \($0) seeds)" } ?? ""
    return "\(accuracy) %\(spread)\(seeds)"
  }

  /// The relation of a run's accuracy to the claim.
  public enum Match: String, Sendable {
    case matches, below, above
  }

  /// Compares an accuracy with the claim: it matches if it is within two standard deviations of the
  /// mean; the standard deviation of a mean of `seeds` runs is smaller by `√seeds`.
  ///
  /// - `found`: a percentage.
  /// - Returns: nil if the claim has no accuracy or no standard deviation.
  public func match(_ found: Double, seeds: Int = 1) -> Match? {
    guard let accuracy, let accuracyStd else { return nil }
    let own = accuracyStd * accuracyStd / Double(max(1, seeds))
    let claimed = accuracyStd * accuracyStd / Double(max(1, accuracySeeds ?? 1))
    let tolerance = 2 * (own + claimed).squareRoot()
    if found < accuracy - tolerance { return .below }
    return found > accuracy + tolerance ? .above : .matches
  }
}
