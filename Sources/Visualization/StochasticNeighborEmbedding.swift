import CKernels
import Tensors

/// A map of feature rows to a plane on which near rows stay near: t-SNE (van der Maaten and Hinton 2008,
/// "Visualizing data using t-SNE"), by the exact algorithm, which compares all pairs.
///
///     p_j|i = exp(−|x_i − x_j|²·β_i) / Σ_k …        p_ij = (p_j|i + p_i|j) / 2n
///     q_ij = w_ij / Σ w        w_ij = 1 / (1 + |y_i − y_j|²)
///     ∂KL/∂y_i = 4·Σ_j (p_ij − q_ij)·w_ij·(y_i − y_j)
///
/// β_i gives the distribution of row i the entropy ln(perplexity), by bisection. The descent is that of
/// scikit-learn: a rate of max(n/48, 50), gains for each coordinate, 250 steps with a momentum of 0.5 and p
/// twelvefold (early exaggeration), then 750 with 0.8. The first positions are drawn from a normal
/// distribution with a standard deviation of 10⁻⁴.
///
/// The results are a function of the features and the seed. Each row's sums have a fixed order, and each row
/// belongs to one thread.
public struct StochasticNeighborEmbedding: Sendable {
  /// The positions of the rows.
  public private(set) var x: [Double]
  public private(set) var y: [Double]
  /// The perplexity, limited to (n − 1)/3.
  public let perplexity: Double

  private static let exaggeration = 12.0
  private static let earlySteps = 250

  /// - Parameter steps: of the descent.
  public init(
    _ gram: GramMatrix, perplexity: Double = 30, seed: UInt64, steps: Int = 1000, context: Context
  ) {
    let n = gram.count
    self.perplexity = max(1, min(perplexity, Double(n - 1) / 3))
    var random = Random(seed: seed, domain: .embedding, index: 0)
    // The sum of twelve uniform numbers has a variance of 1, and needs no logarithm.
    func normal() -> Double {
      (0..<12).reduce(-6.0) { sum, _ in sum + Double(random.uniform()) }
    }
    x = (0..<n).map { _ in 1e-4 * normal() }
    y = (0..<n).map { _ in 1e-4 * normal() }
    guard n > 2 else { return }
    let neighbors = Self.neighbors(gram, perplexity: self.perplexity, context)
    descend(neighbors, steps: steps, context)
  }

  /// `[n, n]`: p_ij.
  private static func neighbors(
    _ gram: GramMatrix, perplexity: Double, _ context: Context
  ) -> [Double] {
    let n = gram.count
    var conditional = [Double](repeating: 0, count: n * n)
    conditional.withUnsafeMutableBufferPointer { rows in
      let rows = Shared(rows.baseAddress!)
      context.pool.run(n) { i, _ in
        fill(
          rows.pointer + i * n, distances: (0..<n).map { gram.squaredDistance(i, $0) }, i,
          perplexity)
      }
    }
    var joint = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0..<n where i != j {
        joint[i * n + j] = max(
          (conditional[i * n + j] + conditional[j * n + i]) / Double(2 * n), 2.2e-16)
      }
    }
    return joint
  }

  /// Fills a row of p_j|i.
  private static func fill(
    _ row: UnsafeMutablePointer<Double>, distances: [Double], _ i: Int, _ perplexity: Double
  ) {
    let target = Double(exact_log(Float(perplexity)))
    // Distances from the nearest row keep the exponentials above 0.
    var nearest = Double.infinity
    for (j, distance) in distances.enumerated() where j != i { nearest = min(nearest, distance) }
    var (beta, low, high) = (1.0, 0.0, Double.infinity)
    for _ in 0..<100 {
      var (sum, weighted) = (0.0, 0.0)
      for (j, distance) in distances.enumerated() where j != i {
        let away = distance - nearest
        let power = Double(exact_exp(Float(-away * beta)))
        row[j] = power
        sum += power
        weighted += power * away
      }
      row[i] = 0
      let entropy = Double(exact_log(Float(sum))) + beta * weighted / sum
      for j in distances.indices { row[j] /= sum }
      let difference = entropy - target
      guard difference.magnitude > 1e-5 else { return }
      if difference > 0 {
        low = beta
        beta = high.isFinite ? (low + high) / 2 : beta * 2
      } else {
        high = beta
        beta = (low + high) / 2
      }
    }
  }

  private mutating func descend(_ p: [Double], steps: Int, _ context: Context) {
    let n = x.count
    let rate = max(Double(n) / Self.exaggeration / 4, 50)
    var gains = [Double](repeating: 1, count: 2 * n)
    var updates = [Double](repeating: 0, count: 2 * n)
    var forces = RowForces(count: n)
    for step in 0..<steps {
      let isEarly = step < Self.earlySteps
      forces.compute(p, x, y, context)
      let total = max(forces.total, 1e-300)
      for place in 0..<2 * n {
        let attraction = forces.attraction[place] * (isEarly ? Self.exaggeration : 1)
        let gradient = 4 * (attraction - forces.repulsion[place] / total)
        let agrees = updates[place] * gradient < 0
        gains[place] = max(0.01, agrees ? gains[place] + 0.2 : gains[place] * 0.8)
        updates[place] =
          (isEarly ? 0.5 : 0.8) * updates[place] - rate * gains[place] * gradient
      }
      for row in 0..<n {
        x[row] += updates[row]
        y[row] += updates[n + row]
      }
    }
    let middle = (x.reduce(0, +) / Double(n), y.reduce(0, +) / Double(n))
    for row in 0..<n {
      x[row] -= middle.0
      y[row] -= middle.1
    }
  }
}

/// The sums over all pairs of t-SNE's gradient, for each row.
private struct RowForces {
  /// `[x of all rows, y of all rows]`: Σ_j p_ij·w_ij·(y_i − y_j)
  private(set) var attraction: [Double]
  /// Σ_j w_ij²·(y_i − y_j)
  private(set) var repulsion: [Double]
  /// Σ_j w_ij of each row.
  private var weights: [Double]

  init(count: Int) {
    attraction = Array(repeating: 0, count: 2 * count)
    repulsion = attraction
    weights = Array(repeating: 0, count: count)
  }

  /// Σ_ij w_ij, in the order of the rows.
  var total: Double { weights.reduce(0, +) }

  mutating func compute(_ p: [Double], _ x: [Double], _ y: [Double], _ context: Context) {
    let n = x.count
    attraction.withUnsafeMutableBufferPointer { attraction in
      repulsion.withUnsafeMutableBufferPointer { repulsion in
        weights.withUnsafeMutableBufferPointer { weights in
          let (pull, push, sums) = (
            Shared(attraction.baseAddress!), Shared(repulsion.baseAddress!),
            Shared(weights.baseAddress!)
          )
          context.pool.run(n) { i, _ in
            p.withUnsafeBufferPointer { p in
              x.withUnsafeBufferPointer { x in
                y.withUnsafeBufferPointer { y in
                  let row = Self.row(i, p.baseAddress! + i * n, x.baseAddress!, y.baseAddress!, n)
                  (pull.pointer[i], pull.pointer[n + i]) = (row.pullX, row.pullY)
                  (push.pointer[i], push.pointer[n + i]) = (row.pushX, row.pushY)
                  sums.pointer[i] = row.sum
                }
              }
            }
          }
        }
      }
    }
  }

  private static func row(
    _ i: Int, _ p: UnsafePointer<Double>, _ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>,
    _ n: Int
  ) -> (pullX: Double, pullY: Double, pushX: Double, pushY: Double, sum: Double) {
    typealias Four = SIMD4<Double>
    let (ownX, ownY) = (Four(repeating: x[i]), Four(repeating: y[i]))
    var (pullX, pullY, pushX, pushY, sum) = (Four(), Four(), Four(), Four(), Four())
    func add(_ otherX: Four, _ otherY: Four, _ p: Four, counts: Four) {
      let (dx, dy) = (ownX - otherX, ownY - otherY)
      let w = counts / (1 + (dx * dx + dy * dy))
      let (a, r) = (p * w, w * w)
      pullX += a * dx
      pullY += a * dy
      pushX += r * dx
      pushY += r * dy
      sum += w
    }
    let ones = Four(repeating: 1)
    var j = 0
    while j + 4 <= n {
      add(four(x, j), four(y, j), four(p, j), counts: ones)
      j += 4
    }
    while j < n {
      add(
        Four(x[j], 0, 0, 0), Four(y[j], 0, 0, 0), Four(p[j], 0, 0, 0), counts: Four(1, 0, 0, 0))
      j += 1
    }
    func total(_ four: Four) -> Double { four[0] + four[1] + four[2] + four[3] }
    // The row's own weight is 1 and does not count.
    return (total(pullX), total(pullY), total(pushX), total(pushY), total(sum) - 1)
  }
}
