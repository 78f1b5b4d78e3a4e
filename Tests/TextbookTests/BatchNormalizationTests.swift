import Testing
import Textbook

/// Batch normalization. The finite differences include the dependence of the statistics on the inputs.
struct BatchNormalizationTests {
  /// The numbers 1, 2, 3, 6 have mean 3 and variance 3½. With ε = ½ the std is 2.
  static let batch: [Volume<Double>] = [
    volume([[1, 2]] as Matrix<Double>), volume([[3, 6]] as Matrix<Double>),
  ]

  @Test func bothPassesAreAsComputedByHand() {
    let statistics = BatchStatistics(of: Self.batch)
    #expect(statistics == BatchStatistics(mean: [3], variance: [3.5], count: 4))
    #expect(
      normalized(Self.batch[0], by: statistics, epsilon: 0.5) == volume([[-1, -0.5]]))
    #expect(
      batchNormalization(Self.batch, scale: [4], shift: [10], epsilon: 0.5)
        == [volume([[6, 8]]), volume([[10, 16]])])
    let backward = batchNormalizationBackward(
      [volume([[1, 0]]), volume([[0, 0]])], Self.batch, scale: [4], epsilon: 0.5)
    #expect(backward.dgamma == [-1] && backward.dbeta == [1])
    #expect(backward.dp == [volume([[1, -0.75]]), volume([[-0.5, 0.25]])])
  }

  @Test func runningAveragesUseTheUnbiasedVariance() {
    let start = BatchStatistics<Double>(mean: [1], variance: [2], count: 1)
    let after = start.followed(by: BatchStatistics(of: Self.batch), momentum: 0.25)
    #expect(after.mean == [0.75 + 0.75])
    expectClose(after.variance, [1.5 + 0.25 * 14 / 3], within: 1e-15)
  }

  @Test func evaluationUsesGivenStatistics() {
    let averages = BatchStatistics<Double>(mean: [2, -1], variance: [3, 0], count: 1)
    let p = volume([[4, 0]], [[0, -2]] as Matrix<Double>)
    #expect(
      batchNormalization(p, by: averages, scale: [2, 3], shift: [1, -1], epsilon: 1)
        == volume([[3, -1]], [[2, -4]]))
  }

  @Test(arguments: 0..<20)
  func gradientsAreFiniteDifferences(seed: Int) {
    var numbers = Numbers(seed: seed)
    let (c, h, w) = (1 + seed % 3, 1 + seed % 2, 2 + seed % 4)
    let batch: [Volume<Double>] = (0...(seed % 4)).map { _ in numbers.reals(c, h, w) }
    let dq: [Volume<Double>] = batch.map { _ in numbers.reals(c, h, w) }
    let gamma: Vector<Double> = numbers.reals(c)
    let beta: Vector<Double> = numbers.reals(c)
    let epsilon = [1e-5, 0.1, 1e-12][seed % 3]
    func projected(_ batch: [Volume<Double>], _ gamma: Vector<Double>, _ beta: Vector<Double>)
      -> Double
    {
      let q = batchNormalization(batch, scale: gamma, shift: beta, epsilon: epsilon)
      return zip(q, dq).reduce(0) { $0 + dot($1.0, $1.1) }
    }
    let backward = batchNormalizationBackward(dq, batch, scale: gamma, epsilon: epsilon)
    expectGradient(backward.dgamma, at: gamma) { projected(batch, $0, beta) }
    expectGradient(backward.dbeta, at: beta) { projected(batch, gamma, $0) }
    for n in batch.indices {
      expectGradient(backward.dp[n], at: batch[n]) { changed in
        var batch = batch
        batch[n] = changed
        return projected(batch, gamma, beta)
      }
    }
  }
}
