import Testing

@testable import Training

/// What follows from the outputs of a classifier, with values computed by hand.
@Suite struct ClassifiedExamplesTests {
  /// Three classes. Outputs of the logarithms of 2 and 4 give probabilities of sevenths.
  private static let ln2: Float = 0.693_147_2
  private let examples = ClassifiedExamples(
    indices: [7, 3, 5, 9], labels: [0, 1, 2, 2], predictions: [2, 1, 0, 0],
    losses: [1.5, 0.25, 2, 2],
    logits: [0, ln2, 2 * ln2, 0, 5, 0, 1, 1, 1, 4, 0, 3], classes: 3)

  @Test func probabilitiesAreTheSoftmax() {
    let sevenths = examples.probabilities(ofPlace: 0).map { $0 * 7 }
    for (found, expected) in zip(sevenths, [1.0, 2, 4]) { #expect(abs(found - expected) < 1e-6) }
    let third = 1.0 / 3
    #expect(examples.probabilities(ofPlace: 2) == [third, third, third])
    #expect(abs(examples.confidences[0] - 4.0 / 7) < 1e-7)
    #expect(examples.confidences[2] == third)
  }

  @Test func brierScoreIsTheMean() {
    let rows = (0..<4).map { examples.probabilities(ofPlace: $0) }
    let scores = zip(rows, [0, 1, 2, 2]).map { BrierScore.score($0, label: $1) }
    #expect(examples.brierScore == scores.reduce(0, +) / 4)
    // (1 − 1/7)² + (2/7)² + (4/7)² = 56/49
    #expect(abs(scores[0] - 56.0 / 49) < 1e-6)
  }

  /// Equal losses are in the order of the evaluation.
  @Test func mistakesBeginWithTheLargestLoss() {
    #expect(examples.mistakes == [2, 3, 0])
    #expect(examples.hits == [false, true, false, false])
  }

  /// Of equal outputs the lower label comes first.
  @Test func ranksBreakTiesByLabel() {
    #expect(examples.ranked(place: 2, count: 3).map(\.label) == [0, 1, 2])
    #expect(examples.ranked(place: 0, count: 2).map(\.label) == [2, 1])
    #expect(examples.ranked(place: 3, count: 5).map(\.label) == [0, 2, 1])
  }

  @Test func topAccuracyCountsRanks() {
    // The ranks of the labels are 3, 1, 3 (a tie) and 2.
    #expect(examples.topAccuracy(1) == 0.25)
    #expect(examples.topAccuracy(2) == 0.5)
    #expect(examples.topAccuracy(3) == 1)
  }

  @Test func extremeOutputsHaveProbabilities() {
    let extreme = ClassifiedExamples(
      indices: [0], labels: [0], predictions: [1], losses: [1], logits: [-3e38, 3e38], classes: 2)
    #expect(extreme.probabilities(ofPlace: 0) == [0, 1])
    #expect(extreme.brierScore == 2)
  }

  @Test func confusionsAreInOrderOfCount() {
    let report = ClassificationReport(
      labels: [0, 0, 0, 1, 1, 2], predictions: [1, 1, 2, 0, 1, 2],
      losses: [1, 1, 1, 1, 1, 1], classNames: ["a", "b", "c"])
    #expect(report.errors == 4)
    #expect(report.confusions.map(\.count) == [2, 1, 1])
    #expect(report.confusions.map(\.label) == [0, 0, 1])
    #expect(report.confusions.map(\.prediction) == [1, 2, 0])
    #expect(report.share(0, 1) == 2.0 / 3)
    #expect(report.share(1, 2) == 0)
  }
}
