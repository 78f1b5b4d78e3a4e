import Testing

@testable import Training

/// The weights of classes in the loss.
@Suite struct ClassWeightsTests {
  static let weights: [Double] = [1, 2, 0.5, 1, 1, 4, 1, 1, 0.25, 1]
  static let text = weights.map { "\($0)" }.joined(separator: ",")

  @Test func balancedClassesCountAlike() throws {
    let balanced = try #require(ClassWeights("auto"))
    #expect(balanced.values(counts: [1, 3]) == [2, 2 / 3])
    #expect(balanced.values(counts: [5, 5, 5]) == [1, 1, 1])
    #expect(balanced.values(counts: [4, 0, 2]) == [0.5, 1, 1])
    #expect(balanced.description == "auto")
  }

  @Test(arguments: ["", "1,", "1,x", "0,1", "-1", "1,nan", "1,inf", "1e-60"])
  func invalidWeightsAreRefused(_ text: String) {
    #expect(ClassWeights(text) == nil)
  }

  /// PyTorch's `weight=`: Σ w_y·L / Σ w_y.
  @Test func lossIsTheWeightedMean() throws {
    let tiny = try TinyTraining()
    let trainer = try tiny.trainer(["batch-size": "50", "class-weights": Self.text])
    let losses = try Evaluator(trainer.network, context: trainer.context).evaluate(
      trainer.data.training, of: trainer.data.images, normalization: trainer.data.normalization)
    var sum = 0.0
    var total = 0.0
    for (label, loss) in zip(losses.labels, losses.losses) {
      sum += Self.weights[label] * loss
      total += Self.weights[label]
    }
    let found = try trainer.advance().step.loss
    #expect(abs(found - sum / total) < 1e-6 * found)
  }

  /// The parts of an accumulated batch share one sum of weights, and equal weights change nothing.
  @Test func gradientsAreWeighted() throws {
    let tiny = try TinyTraining()
    func values(_ settings: [String: String]) throws -> [String: [Float]] {
      let trainer = try tiny.trainer(settings)
      _ = try trainer.advance()
      return trainer.values
    }
    func difference(_ a: [String: [Float]], _ b: [String: [Float]]) -> Float {
      a.reduce(0) { worst, entry in
        zip(entry.value, b[entry.key]!).reduce(worst) { max($0, abs($1.0 - $1.1)) }
      }
    }
    let plain = try values(["batch-size": "50"])
    let weighted = try values(["batch-size": "50", "class-weights": Self.text])
    #expect(difference(plain, weighted) > 1e-3)
    let parts = ["batch-size": "25", "accumulate": "2", "class-weights": Self.text]
    #expect(try difference(values(parts), weighted) < 1e-6)
    let threes = [String](repeating: "3", count: 10).joined(separator: ",")
    #expect(
      try difference(values(["batch-size": "50", "class-weights": threes]), plain) < 1e-6)
  }
}
