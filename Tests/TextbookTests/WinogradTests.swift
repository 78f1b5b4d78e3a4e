import Testing
import Textbook

/// Lecture row L22.
struct WinogradTests {
  /// Lavin and Gray (2015), equation 7 and section 4.3. For F(2, 3) the paper has two rows of `Bᵀ` with the
  /// opposite sign, and compensates in `G` and `Aᵀ`.
  @Test func theMatricesAreThoseOfThePaper() {
    let half = Rational(1, over: 2)
    let f2 = WinogradMatrices.f2x3
    #expect(f2.inputTransform == [[-1, 0, 1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, -1, 0, 1]])
    #expect(
      f2.kernelTransform == [[-1, 0, 0], [half, half, half], [half, -half, half], [0, 0, 1]])
    #expect(f2.outputTransform == [[1, 1, 1, 0], [0, 1, -1, 1]])

    let f4 = WinogradMatrices.f4x3
    #expect(
      f4.inputTransform == [
        [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1],
      ])
    let sixth = Rational(1, over: 6)
    let twelfth = Rational(1, over: 12)
    let twentyFourth = Rational(1, over: 24)
    #expect(
      f4.kernelTransform == [
        [Rational(1, over: 4), 0, 0], [-sixth, -sixth, -sixth], [-sixth, sixth, -sixth],
        [twentyFourth, twelfth, sixth], [twentyFourth, -twelfth, sixth], [0, 0, 1],
      ])
    #expect(
      f4.outputTransform == [
        [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1],
      ])
  }

  /// `Σ_i Aᵀ_ki·G_iu·Bᵀ_it = ⟦t = k + u⟧`, which is the definition of F(m, r).
  @Test(arguments: [
    WinogradMatrices.f2x3, .f4x3,
    WinogradMatrices(outputs: 1, kernel: 3, points: [0, 1]),
    WinogradMatrices(outputs: 3, kernel: 2, points: [0, 1, -1]),
    WinogradMatrices(outputs: 4, kernel: 1, points: [2, -1, Rational(1, over: 3)]),
    WinogradMatrices(outputs: 2, kernel: 5, points: [0, 1, -1, 2, -2]),
    WinogradMatrices(
      outputs: 4, kernel: 5,
      points: [0, 1, -1, 2, -2, Rational(1, over: 2), Rational(-1, over: 2)]),
  ])
  func theMatricesFilterExactly(_ matrices: WinogradMatrices<Rational>) {
    #expect(matrices.tile == matrices.outputs + matrices.kernel - 1)
    for k in 0..<matrices.outputs {
      for u in 0..<matrices.kernel {
        for t in 0..<matrices.tile {
          let coefficient = (0..<matrices.tile).reduce(0 as Rational) { total, i in
            total + matrices.outputTransform[k, i] * matrices.kernelTransform[i, u]
              * matrices.inputTransform[i, t]
          }
          #expect(coefficient == (t == k + u ? 1 : 0))
        }
      }
    }
  }

  /// The lecture's "fewer than half": `n²` multiplications for a tile instead of `m²·r²`.
  @Test(arguments: [(WinogradMatrices.f2x3, 16, 36), (.f4x3, 36, 144)])
  func aTileTakesFewerThanHalfTheMultiplications(
    _ matrices: WinogradMatrices<Rational>, count: Int, plain: Int
  ) {
    let (m, r, n) = (matrices.outputs, matrices.kernel, matrices.tile)
    #expect(n * n == count)
    #expect(m * m * r * r == plain)
    #expect(2 * n * n < m * m * r * r)
  }

  @Test(arguments: [WinogradMatrices.f2x3, .f4x3])
  func aTileEqualsTheConvolution(_ matrices: WinogradMatrices<Rational>) {
    var numbers = Numbers(seed: matrices.tile)
    let d: Matrix<Rational> = numbers.integers(matrices.tile, matrices.tile)
    let g: Matrix<Rational> = numbers.integers(3, 3)
    #expect(winogradTile(d, g, matrices) == (g ⋆ d))
  }

  @Test(arguments: [WinogradMatrices.f2x3, .f4x3], 0..<12)
  func oneChannelEqualsTheConvolutionExactly(_ matrices: WinogradMatrices<Rational>, seed: Int) {
    var numbers = Numbers(seed: seed)
    let p: Matrix<Rational> = numbers.integers(3 + seed % 7, 3 + (seed * 5) % 8)
    let w: Matrix<Rational> = numbers.integers(3, 3)
    #expect(convolution2DByWinograd(p, w, matrices) == convolution2D(p, w, padding: 0))
  }

  @Test(arguments: [WinogradMatrices.f2x3, .f4x3], 0..<6)
  func channelsEqualTheConvolutionExactly(_ matrices: WinogradMatrices<Rational>, seed: Int) {
    var numbers = Numbers(seed: seed)
    let p: Volume<Rational> = numbers.integers(1 + seed % 3, 4 + seed % 5, 7 - seed % 4)
    let w: Kernel<Rational> = numbers.integers(1 + seed % 2, p.channels, 3, 3)
    let q = convolution2D(p, w, Vector(zeros: w.outputs), padding: 0)
    #expect(convolution2DByWinograd(p, w, matrices) == q)
  }

  @Test(arguments: [WinogradMatrices.f2x3, .f4x3])
  func floatingPointResultsAreCloseToTheConvolution(_ exact: WinogradMatrices<Rational>) {
    var numbers = Numbers(seed: exact.tile)
    let p: Volume<Double> = numbers.reals(3, 9, 8)
    let w: Kernel<Double> = numbers.reals(2, 3, 3, 3)
    let q = convolution(p, w, [0, 0])
    expectClose(convolution2DByWinograd(p, w, WinogradMatrices(exact)), q, within: 1e-13)
    let single = convolution2DByWinograd(
      Volume(shape: p.shape, elements: p.elements.map(Float.init)),
      Kernel(shape: w.shape, elements: w.elements.map(Float.init)), WinogradMatrices(exact))
    expectClose(
      Volume(shape: single.shape, elements: single.elements.map(Double.init)), q, within: 2e-5)
  }
}
