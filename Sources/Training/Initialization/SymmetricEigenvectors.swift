/// The eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's method (Golub and Van Loan,
/// "Matrix Computations", section 8.5): rotations in a fixed order set one pair of elements after
/// the other to 0. It uses basic operations and square roots only, so all processors give the same
/// bits.
package struct SymmetricEigenvectors {
  /// In descending order.
  package let values: [Double]
  /// The unit eigenvector of each value. Its element of greatest magnitude is positive.
  package let vectors: [[Double]]

  /// - Parameters:
  ///   - matrix: `[n, n]`, symmetric and finite.
  package init(of matrix: [[Double]]) {
    let n = matrix.count
    var a = matrix
    // The columns are the eigenvectors.
    var v = (0..<n).map { row in (0..<n).map { $0 == row ? 1.0 : 0 } }
    for _ in 0..<Self.mostSweeps {
      var largest = 0.0
      var scale = 0.0
      for p in 0..<n {
        scale = max(scale, a[p][p].magnitude)
        for q in p + 1..<max(n, p + 1) { largest = max(largest, a[p][q].magnitude) }
      }
      guard largest > scale * 1e-15 else { break }
      for p in 0..<n {
        for q in p + 1..<max(n, p + 1) where a[p][q] != 0 { Self.rotate(&a, &v, p, q) }
      }
    }
    let order = (0..<n).sorted { (-a[$0][$0], $0) < (-a[$1][$1], $1) }
    values = order.map { a[$0][$0] }
    vectors = order.map { column in
      let vector = v.map { $0[column] }
      let greatest = vector.max { $0.magnitude < $1.magnitude } ?? 1
      return greatest < 0 ? vector.map { -$0 } : vector
    }
  }

  /// More than any matrix needs: the method converges quadratically.
  private static let mostSweeps = 60

  /// Sets the elements (p, q) and (q, p) to 0 by a rotation in the plane of both.
  private static func rotate(_ a: inout [[Double]], _ v: inout [[Double]], _ p: Int, _ q: Int) {
    let ratio = (a[q][q] - a[p][p]) / (2 * a[p][q])
    let sign = ratio < 0 ? -1.0 : 1
    let tangent = sign / (ratio.magnitude + (1 + ratio * ratio).squareRoot())
    let cosine = 1 / (1 + tangent * tangent).squareRoot()
    let sine = tangent * cosine
    for k in a.indices {
      let (x, y) = (a[k][p], a[k][q])
      a[k][p] = cosine * x - sine * y
      a[k][q] = sine * x + cosine * y
    }
    for k in a.indices {
      let (x, y) = (a[p][k], a[q][k])
      a[p][k] = cosine * x - sine * y
      a[q][k] = sine * x + cosine * y
    }
    for k in v.indices {
      let (x, y) = (v[k][p], v[k][q])
      v[k][p] = cosine * x - sine * y
      v[k][q] = sine * x + cosine * y
    }
  }
}
