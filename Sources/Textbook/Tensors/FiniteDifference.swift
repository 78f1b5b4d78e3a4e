/// `∂f/∂x_i ≈ (f(x + h·e_i) − f(x − h·e_i)) / 2h` for every element of `x`: central differences. Row L23.
///
/// The tests check every gradient formula of this module in this way. The approximation has an error of
/// `h²/6·f‴`, and rounding adds about `ε·|f|/h`. The default step `h ≈ ε^{1/3}` balances the two for Double.
/// `f` must not have a kink or a tie of maxima within `h` of `x`.
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
    // The actual distance, after the rounding of `x ± h`.
    let distance = above.elements[i] - below.elements[i]
    gradient.elements[i] = (f(above) - f(below)) / distance
  }
  return gradient
}
