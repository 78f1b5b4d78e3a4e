import Tensors
import Testing
import Training

@testable import Visualization

@Suite struct EmbeddingTests {
  private func features(_ count: Int, _ width: Int, seed: UInt64 = 1) -> [Float] {
    var random = Random(seed: seed, domain: .gradientCheck)
    // Rows of three groups, and columns of different scale.
    return (0..<count).flatMap { row in
      (0..<width).map { column in
        random.uniform() / Float(column + 1) + Float(column == row % 3 ? 4 : 0)
      }
    }
  }

  @Test func theGramMatrixHoldsProductsAndDistances() {
    // Rows (0, 0), (2, 0), (4, 6): the mean is (2, 2).
    let gram = GramMatrix([0, 0, 2, 0, 4, 6], count: 3, context: Context(threadCount: 1))
    #expect(gram.values == [8, 4, -12, 4, 4, -8, -12, -8, 20])
    #expect(gram.squaredDistance(0, 2) == 52)
    #expect(gram.squaredDistance(1, 0) == 4)
    #expect(gram.squaredDistance(1, 1) == 0)
    #expect(gram.trace == 32)
  }

  /// Points on a line have one component, and scores are the distances from the mean.
  @Test func pointsOnALineHaveOneComponent() {
    let context = Context(threadCount: 2)
    let gram = GramMatrix([0, 0, 3, 4, 6, 8, 9, 12, 12, 16], count: 5, context: context)
    let components = PrincipalComponents(gram, components: 2, context: context)
    let scores = components.scores[0]
    #expect(scores.map { $0.magnitude.rounded() } == [10, 5, 0, 5, 10])
    #expect(abs(scores[0] + scores[4]) < 1e-9)
    #expect(abs(components.explained[0] - 1) < 1e-12)
    #expect(components.explained[1] < 1e-12)
  }

  /// Scores are orthogonal, and their squares are the variances by the covariance matrix.
  @Test(arguments: [(40, 9), (12, 30)])
  func componentsAreThoseOfTheCovariance(size: (Int, Int)) {
    let (count, width) = size
    let context = Context(threadCount: 2)
    let rows = features(count, width)
    let gram = GramMatrix(rows, count: count, context: context)
    let components = PrincipalComponents(gram, components: 3, context: context)
    for i in 0..<3 {
      for j in 0..<i {
        let product = zip(components.scores[i], components.scores[j]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product) < 1e-7 * gram.trace)
      }
    }
    #expect(components.explained[0] >= components.explained[1])
    #expect(components.explained.reduce(0, +) <= 1 + 1e-12)
    // G·u = λ·u
    for scores in components.scores {
      let square = scores.reduce(0) { $0 + $1 * $1 }
      for row in 0..<count {
        let product = (0..<count).reduce(0.0) { $0 + gram.values[row * count + $1] * scores[$1] }
        #expect(abs(product - square * scores[row]) < 1e-7 * square * square.squareRoot())
      }
    }
  }

  /// Three groups far apart stay apart: the nearest row is of the same group.
  @Test func neighborsStayNear() {
    let context = Context(threadCount: 2)
    let gram = GramMatrix(features(90, 8), count: 90, context: context)
    let map = StochasticNeighborEmbedding(
      gram, perplexity: 10, seed: 3, steps: 500, context: context)
    for i in 0..<90 {
      let nearest = (0..<90).filter { $0 != i }.min { a, b in
        func distance(_ j: Int) -> Double {
          let (dx, dy) = (map.x[i] - map.x[j], map.y[i] - map.y[j])
          return dx * dx + dy * dy
        }
        return distance(a) < distance(b)
      }
      #expect((nearest ?? 0) % 3 == i % 3)
    }
    #expect(abs(map.x.reduce(0, +)) < 1e-6)
  }

  @Test func threadsChangeNoBitAndSeedsDo() {
    let maps = [1, 3].map { threads in
      let context = Context(threadCount: threads)
      let gram = GramMatrix(features(50, 7), count: 50, context: context)
      return StochasticNeighborEmbedding(gram, seed: 1, steps: 120, context: context)
    }
    #expect(maps[0].x == maps[1].x && maps[0].y == maps[1].y)
    #expect(maps[0].perplexity == 49.0 / 3)
    let context = Context(threadCount: 1)
    let gram = GramMatrix(features(50, 7), count: 50, context: context)
    let other = StochasticNeighborEmbedding(gram, seed: 2, steps: 120, context: context)
    #expect(other.x != maps[0].x)
    let components = [1, 3].map {
      PrincipalComponents(gram, components: 2, context: Context(threadCount: $0)).scores
    }
    #expect(components[0] == components[1])
  }

  @Test func equalRowsAreNoProblem() {
    let context = Context(threadCount: 1)
    let gram = GramMatrix(Array(repeating: 1, count: 20), count: 5, context: context)
    let components = PrincipalComponents(gram, components: 2, context: context)
    #expect(components.scores.joined().allSatisfy { $0.isFinite })
    #expect(components.explained == [0, 0])
    let map = StochasticNeighborEmbedding(gram, seed: 1, steps: 50, context: context)
    #expect(map.x.allSatisfy { $0.isFinite })
  }

  @Test func histogramsCountEveryFiniteValue() {
    let histogram = Histogram(of: [-1, -0.5, 0, 0.5, 1, .nan, .infinity], bins: 4)
    #expect(histogram.range == -1...1)
    #expect(histogram.counts == [1, 1, 1, 2])
    #expect(Histogram(of: [3, 3], bins: 3).counts == [0, 2, 0])
    #expect(Histogram(of: [], bins: 2).counts == [0, 0])
    #expect(Histogram(of: [0, 1, 2, 3], bins: 2, range: 1...2).counts == [1, 1])
  }

  @Test func probabilitiesSumToOne() {
    let probabilities = Probabilities.of([0, 0, Float(1e4)][...])
    #expect(probabilities == [0, 0, 1])
    #expect(Probabilities.of([3, 3][...]) == [0.5, 0.5])
  }
}
