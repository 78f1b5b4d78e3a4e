/// The mean squared error of predicted probabilities (Brier 1950).
///
///     BS = (1/n) Σᵢ Σ_c (p_ic − ⟦c = yᵢ⟧)²
///
/// It is 0 if the true class of every example has probability 1, and 2 if another one always has. The sum
/// is over all classes, as in Brier's paper.
public enum BrierScore {
  /// The score of one example: its sum over the classes.
  public static func score(_ probabilities: [Double], label: Int) -> Double {
    precondition(
      probabilities.indices.contains(label), "label \(label) of \(probabilities.count) classes")
    var sum = 0.0
    for (index, probability) in probabilities.enumerated() {
      let error = probability - (index == label ? 1 : 0)
      sum += error * error
    }
    return sum
  }
}
