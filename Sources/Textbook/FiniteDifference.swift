/// `∂f/∂x_i ≈ (f(x + h·e_i) − f(x − h·e_i)) / 2h` for every element of `x`, by central differences.
///
/// Row L23: besides a library's automatic differentiation, the way to check every formula here. The
/// error is `h²/6·f‴` from the formula and about `ε·|f|/h` from rounding; the default suits Double,
/// where `h ≈ ε^{1/3}` balances them. `f` must not have a kink or a tie within `h` of `x`.
///
/// - Returns: the gradient in the shape of `x`.
public func finiteDifference<G: Grid>(
  at x: G, step h: G.Scalar = 0x1p-17, of f: (G) -> G.Scalar
) -> G where G.Scalar: BinaryFloatingPoint {
  var gradient = G(zerosLike: x)
  for i in x.elements.indices {
    var above = x
    var below = x
    above.elements[i] += h
    below.elements[i] -= h
    // What was really added, after rounding.
    let distance = above.elements[i] - below.elements[i]
    gradient.elements[i] = (f(above) - f(below)) / distance
  }
  return gradient
}
