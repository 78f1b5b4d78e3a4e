import Tensors

/// The products of all pairs of centered feature rows.
///
///     g_ij = Σ_k (x_ik − m_k)·(x_jk − m_k)        m_k = Σ_i x_ik / n
///
/// They give the principal components and all distances: `|x_i − x_j|² = g_ii + g_jj − 2·g_ij`.
public struct GramMatrix: Sendable {
  /// The number of rows.
  public let count: Int
  /// `[count, count]`
  let values: [Double]

  /// - Parameters:
  ///   - features: `[count, width]`, finite.
  public init(_ features: [Float], count: Int, context: Context) {
    precondition(
      count > 0 && features.count % count == 0, "\(features.count) values in \(count) rows")
    let width = features.count / count
    // Rows end in zeros to whole vectors.
    let padded = (width + 3) / 4 * 4
    var means = [Double](repeating: 0, count: width)
    for row in 0..<count {
      for k in 0..<width { means[k] += Double(features[row * width + k]) }
    }
    for k in 0..<width { means[k] /= Double(count) }
    var centered = [Double](repeating: 0, count: count * padded)
    for row in 0..<count {
      for k in 0..<width {
        centered[row * padded + k] = Double(features[row * width + k]) - means[k]
      }
    }
    var values = [Double](repeating: 0, count: count * count)
    values.withUnsafeMutableBufferPointer { values in
      centered.withUnsafeBufferPointer { rows in
        let (values, rows) = (Shared(values.baseAddress!), rows.baseAddress!)
        let base = Shared(UnsafeMutablePointer(mutating: rows))
        context.pool.run(count) { i, _ in
          for j in 0...i {
            var sums = SIMD4<Double>()
            let (a, b) = (base.pointer + i * padded, base.pointer + j * padded)
            for k in stride(from: 0, to: padded, by: 4) {
              sums += four(a, k) * four(b, k)
            }
            let sum = sums[0] + sums[1] + sums[2] + sums[3]
            values.pointer[i * count + j] = sum
            values.pointer[j * count + i] = sum
          }
        }
      }
    }
    self.count = count
    self.values = values
  }

  /// The squared distance of two rows.
  public func squaredDistance(_ i: Int, _ j: Int) -> Double {
    i == j ? 0 : max(0, values[i * count + i] + values[j * count + j] - 2 * values[i * count + j])
  }

  /// The sum of the diagonal: the total variance times the number of rows.
  var trace: Double { (0..<count).reduce(0) { $0 + values[$1 * count + $1] } }
}

/// The four numbers from `index` on.
@inline(__always)
func four(_ numbers: UnsafePointer<Double>, _ index: Int) -> SIMD4<Double> {
  SIMD4(numbers[index], numbers[index + 1], numbers[index + 2], numbers[index + 3])
}

/// A pointer that threads share, each for elements of its own.
struct Shared: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Double>

  init(_ pointer: UnsafeMutablePointer<Double>) { self.pointer = pointer }
}
