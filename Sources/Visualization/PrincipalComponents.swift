import Tensors
import Training

/// The first principal components of feature rows (Pearson 1901; Golub and Van Loan, "Matrix Computations",
/// section 8.2.4).
///
/// With the centered features `X = U·S·Vᵀ` the scores are `X·V = U·S`. The columns of U are the eigenvectors of
/// the Gram matrix `X·Xᵀ`, and the squares of S its eigenvalues. Orthogonal iteration finds them: it multiplies
/// some orthonormal vectors by the matrix, rotates them to the eigenvectors within their space
/// (Rayleigh–Ritz), and repeats this until `|G·u − λ·u| ≤ 10⁻¹⁰·λ₁`.
///
/// It uses sums, products, quotients and square roots in a fixed order, so all processors give the same bits.
/// The element of greatest magnitude of each component is positive.
public struct PrincipalComponents: Sendable {
  /// `[components][count]`: the scores of each row.
  public let scores: [[Double]]
  /// The part of the total variance that each component explains.
  public let explained: [Double]

  private static let mostRounds = 400
  /// Vectors beside the wanted ones make the iteration faster.
  private static let spare = 14

  /// - Parameter components: at most the number of rows.
  public init(_ gram: GramMatrix, components: Int, context: Context) {
    let n = gram.count
    precondition(components <= n, "\(components) components of \(n) rows")
    let size = min(n, components + Self.spare)
    var random = Random(seed: 0, domain: .embedding, index: 1)
    var vectors = (0..<size).map { _ in
      (0..<n).map { _ in Double(random.uniform()) - 0.5 }
    }
    Self.orthonormalize(&vectors)
    var values = [Double](repeating: 0, count: size)
    for _ in 0..<Self.mostRounds {
      let products = vectors.map { Self.product(gram, $0, context) }
      // The matrix of the iteration's own space, and its eigenvectors.
      let inner = SymmetricEigenvectors(
        of: (0..<size).map { i in
          (0..<size).map { j in
            (Self.dot(vectors[i], products[j]) + Self.dot(vectors[j], products[i])) / 2
          }
        })
      values = inner.values
      let rotated = inner.vectors.map { Self.combination(vectors, $0) }
      let images = inner.vectors.map { Self.combination(products, $0) }
      let residual =
        (0..<components).map { k in
          zip(images[k], rotated[k]).reduce(0.0) { sum, pair in
            let difference = pair.0 - values[k] * pair.1
            return sum + difference * difference
          }.squareRoot()
        }.max() ?? 0
      vectors = rotated
      guard residual > 1e-10 * max(values[0], 1e-300) else { break }
      vectors = images
      Self.orthonormalize(&vectors)
    }
    let trace = gram.trace
    scores = (0..<components).map { k in
      let length = max(values[k], 0).squareRoot()
      let greatest = vectors[k].max { $0.magnitude < $1.magnitude } ?? 1
      return vectors[k].map { (greatest < 0 ? -$0 : $0) * length }
    }
    explained = (0..<components).map { trace > 0 ? max(values[$0], 0) / trace : 0 }
  }

  private static func product(_ gram: GramMatrix, _ vector: [Double], _ context: Context)
    -> [Double]
  {
    let n = gram.count
    var product = [Double](repeating: 0, count: n)
    product.withUnsafeMutableBufferPointer { product in
      let result = Shared(product.baseAddress!)
      context.pool.run(n) { row, _ in
        gram.values.withUnsafeBufferPointer { matrix in
          vector.withUnsafeBufferPointer { vector in
            let (a, b) = (matrix.baseAddress! + row * n, vector.baseAddress!)
            var sums = SIMD4<Double>()
            var k = 0
            while k + 4 <= n {
              sums += four(a, k) * four(b, k)
              k += 4
            }
            var sum = sums[0] + sums[1] + sums[2] + sums[3]
            while k < n {
              sum += a[k] * b[k]
              k += 1
            }
            result.pointer[row] = sum
          }
        }
      }
    }
    return product
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  private static func combination(_ vectors: [[Double]], _ weights: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: vectors[0].count)
    for (vector, weight) in zip(vectors, weights) {
      for index in sum.indices { sum[index] += weight * vector[index] }
    }
    return sum
  }

  /// Gram–Schmidt, twice for accuracy. A vector that depends on the others becomes a unit vector.
  private static func orthonormalize(_ vectors: inout [[Double]]) {
    for k in vectors.indices {
      for _ in 0..<2 {
        for earlier in 0..<k {
          let part = dot(vectors[k], vectors[earlier])
          for index in vectors[k].indices { vectors[k][index] -= part * vectors[earlier][index] }
        }
        let norm = dot(vectors[k], vectors[k]).squareRoot()
        if norm > 1e-280 {
          for index in vectors[k].indices { vectors[k][index] /= norm }
        } else {
          vectors[k] = vectors[k].indices.map { $0 == k ? 1 : 0 }
        }
      }
    }
  }
}
