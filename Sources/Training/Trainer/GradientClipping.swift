import Tensors

/// Limits the gradient of a step before the update.
///
/// - `value`: each element is limited to this magnitude, as `torch.nn.utils.clip_grad_value_` does.
/// - `norm`: then, a gradient with a greater norm is multiplied by norm/(‖g‖ + 10⁻⁶), as
///   `torch.nn.utils.clip_grad_norm_` does over all parameters (Pascanu et al. 2013, algorithm 1).
package struct GradientClipping: Equatable, Sendable {
  let value: Double?
  let norm: Double?

  /// Nil if there is nothing to limit.
  init?(value: Double?, norm: Double?) {
    guard value != nil || norm != nil else { return nil }
    self.value = value
    self.norm = norm
  }

  /// - Parameter norm: the norm of `gradient`, all of whose elements are finite.
  func clip(_ gradient: GradientNorm, norm: Double, in context: Context) {
    var found = norm
    if let value {
      gradient.clamp(to: Float(value), in: context)
      if self.norm != nil { found = gradient.norm(in: context) }
    }
    guard let limit = self.norm else { return }
    let factor = limit / (found + 1e-6)
    if factor < 1 { gradient.scale(by: Float(factor), in: context) }
  }
}
