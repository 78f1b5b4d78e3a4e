/// The matrices of the minimal filtering algorithm F(m, r). Row L22.
///
/// F(m, r) computes `m` outputs of a kernel of length `r` from a tile of `n = m + r − 1` inputs. It takes `n`
/// multiplications instead of `m·r`.
///
///     y = Aᵀ[(G·g) ⊙ (Bᵀ·d)]
///
///     d  [n]      Bᵀ  [n, n]        tile of the input
///     g  [r]      G   [n, r]        kernel
///     y  [m]      Aᵀ  [m, n]        y_k = Σ_u d_{k+u}·g_u
///
/// (Lavin and Gray 2015, section 4.1.)
public struct WinogradMatrices<Scalar: Numeric> {
  public let outputTransform: Matrix<Scalar>
  public let kernelTransform: Matrix<Scalar>
  public let inputTransform: Matrix<Scalar>

  public init(
    outputTransform: Matrix<Scalar>, kernelTransform: Matrix<Scalar>,
    inputTransform: Matrix<Scalar>
  ) {
    self.outputTransform = outputTransform
    self.kernelTransform = kernelTransform
    self.inputTransform = inputTransform
  }

  /// `m`, the number of outputs of a tile along an axis.
  public var outputs: Int { outputTransform.rows }

  /// `r`, the kernel's length.
  public var kernel: Int { kernelTransform.columns }

  /// `n = m + r − 1`, the number of inputs of a tile along an axis, and of multiplications.
  public var tile: Int { inputTransform.rows }
}

extension WinogradMatrices: Sendable where Scalar: Sendable {}

extension WinogradMatrices<Rational> {
  /// F(m, r) from interpolation points, by the method of Toom and Cook.
  ///
  /// The product `s = g·h` of polynomials with `r` and `m` coefficients has `n` coefficients. Its values at
  /// `n − 1` points `a_i`, and the product `s_∞` of the leading coefficients, determine it by Lagrange's
  /// formula:
  ///
  ///     s(x) = Σ_i s(a_i)·M_i(x)/f_i + s_∞·M(x)
  ///     M(x) = Π_j (x − a_j)       M_i(x) = Π_{j≠i} (x − a_j)       f_i = M_i(a_i)
  ///
  /// The transpose of the map `h → g·h` is the filter. Row `i` of `Bᵀ` has the coefficients of `M_i`, row `i`
  /// of `G` the powers of `a_i`, divided by `f_i`, and column `i` of `Aᵀ` the powers of `a_i`. The last row of
  /// `Bᵀ` has the coefficients of `M`. The last row of `G` and the last column of `Aᵀ` belong to infinity:
  /// they are 1 at the highest power and 0 elsewhere.
  ///
  /// - `points`: `m + r − 2` different points.
  public init(outputs m: Int, kernel r: Int, points: [Rational]) {
    precondition(m > 0 && r > 0, "Winograd: F(\(m), \(r))")
    precondition(
      points.count == m + r - 2 && Set(points).count == points.count,
      "Winograd: F(\(m), \(r)) takes \(m + r - 2) different points, not \(points)")
    let products = points.indices.map { i in
      polynomial(withRoots: points.indices.filter { $0 != i }.map { points[$0] })
    }
    let scales = points.indices.map { i in
      points.indices.filter { $0 != i }.reduce(1) { $0 * (points[i] - points[$1]) }
    }
    self.init(
      outputTransform: Matrix(
        points.map { powers($0, m) } + [powersAtInfinity(m)]
      ).transposed,
      kernelTransform: Matrix(
        points.indices.map { i in powers(points[i], r).map { $0 / scales[i] } }
          + [powersAtInfinity(r)]),
      inputTransform: Matrix(
        products.map { $0 + [0] } + [polynomial(withRoots: points)]))
  }

  /// F(2, 3), with points 0, 1, −1 and ∞: for 2×2 outputs 16 multiplications instead of 36.
  public static var f2x3: WinogradMatrices {
    WinogradMatrices(outputs: 2, kernel: 3, points: [0, 1, -1])
  }

  /// F(4, 3), with points 0, 1, −1, 2, −2 and ∞: for 4×4 outputs 36 multiplications, not 144.
  public static var f4x3: WinogradMatrices {
    WinogradMatrices(outputs: 4, kernel: 3, points: [0, 1, -1, 2, -2])
  }
}

extension WinogradMatrices where Scalar: BinaryFloatingPoint {
  /// The closest floating-point numbers to exact matrices.
  public init(_ exact: WinogradMatrices<Rational>) {
    self.init(
      outputTransform: Matrix(exact.outputTransform),
      kernelTransform: Matrix(exact.kernelTransform),
      inputTransform: Matrix(exact.inputTransform))
  }
}

/// The coefficients of `Π (x − root)`, lowest power first.
private func polynomial(withRoots roots: [Rational]) -> [Rational] {
  roots.reduce([1]) { coefficients, root in
    (0...coefficients.count).map { i in
      (i > 0 ? coefficients[i - 1] : 0) - (i < coefficients.count ? root * coefficients[i] : 0)
    }
  }
}

/// `a⁰, a¹, …, a^{count−1}`
private func powers(_ a: Rational, _ count: Int) -> [Rational] {
  (0..<count).map { exponent in (0..<exponent).reduce(1) { power, _ in power * a } }
}

/// `0, …, 0, 1`: the powers at infinity, where the highest power dominates.
private func powersAtInfinity(_ count: Int) -> [Rational] {
  onehot(count, count - 1).elements
}
