import Testing
import Textbook

/// Expects `analytic` to be the gradient of `f` at `x`, compared with central differences.
///
/// The tolerance of each element is 1e-7, relative for elements greater than 1.
func expectGradient<G: Grid>(
  _ analytic: G, at x: G, sourceLocation: SourceLocation = #_sourceLocation,
  of f: (G) -> Double
) where G.Scalar == Double {
  expectClose(
    analytic, finiteDifference(at: x, of: f), within: 1e-7, sourceLocation: sourceLocation)
}

/// Expects equal shapes, and elements that differ by at most `tolerance`, relative for expected elements greater
/// than 1.
func expectClose<G: Grid>(
  _ found: G, _ expected: G, within tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) where G.Scalar: BinaryFloatingPoint {
  #expect(found.shape == expected.shape, sourceLocation: sourceLocation)
  guard found.shape == expected.shape else { return }
  var worst = 0.0
  for (a, b) in zip(found.elements, expected.elements) {
    let difference = abs(Double(a) - Double(b)) / max(1, abs(Double(b)))
    worst = difference.isNaN ? .infinity : max(worst, difference)
  }
  #expect(worst <= tolerance, sourceLocation: sourceLocation)
}

/// A volume with these slices, for literals.
func volume<Scalar: Numeric>(_ slices: Matrix<Scalar>...) -> Volume<Scalar> {
  Volume(slices)
}
