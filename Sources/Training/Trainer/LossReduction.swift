/// The function of the examples' losses whose gradient a step takes: PyTorch's `reduction`.
///
/// Metrics show the mean in both cases.
public enum LossReduction: String, Sendable, CaseIterable {
  /// `(1/N) Σ Lᵢ`
  case mean
  /// `Σ Lᵢ`. The gradient grows with the batch size.
  case sum
}
