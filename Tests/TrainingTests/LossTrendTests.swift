import Testing

@testable import Training

@Suite struct LossTrendTests {
  private func epochs(
    _ losses: [Double], validation: [Double]? = nil, accuracy: Double? = 0.5
  ) -> [MetricsHistory.Epoch] {
    losses.indices.map {
      MetricsHistory.Epoch(
        EpochReport(
          epoch: $0 + 1, step: $0 + 1, trainLoss: losses[$0], trainAccuracy: accuracy,
          validationLoss: validation?[$0], validationAccuracy: nil, learningRate: 0.1,
          isBest: false))
    }
  }

  @Test func aLossThatHardlyMoved() {
    #expect(
      LossTrend(firstLoss: 2.3, epochs: epochs([2.29, 2.2])) == .hardlyMoved(first: 2.3, last: 2.2))
    #expect(LossTrend(firstLoss: 2.3, epochs: epochs([2.0])) == nil)
    #expect(LossTrend(firstLoss: 2.3, epochs: []) == nil)
  }

  @Test func aLossThatStillFalls() {
    let falling = LossTrend.stillFalling(before: 1, last: 0.8)
    #expect(LossTrend(firstLoss: 2.3, epochs: epochs([2, 1, 0.8])) == falling)
    #expect(LossTrend(firstLoss: nil, epochs: epochs([1, 0.8], validation: [2, 1.9])) == falling)
    #expect(LossTrend(firstLoss: 2.3, epochs: epochs([1, 0.8], accuracy: nil)) == falling)
    // A flat end, a validation loss that rises, and nothing left to learn.
    #expect(LossTrend(firstLoss: 2.3, epochs: epochs([1, 0.95])) == nil)
    #expect(LossTrend(firstLoss: 2.3, epochs: epochs([1, 0.8], validation: [2, 2.1])) == nil)
    #expect(LossTrend(firstLoss: 2.3, epochs: epochs([0.1, 0.08], accuracy: 0.995)) == nil)
  }

  @Test func theFirstStepsLossIsRead() {
    let lines = #"{"kind":"step","step":1,"epoch":1,"loss":2.5,"accuracy":0.1,"rate":0.1}"# + "\n"
    #expect(MetricsHistory.firstLoss(in: Array(lines.utf8)) == 2.5)
    #expect(MetricsHistory.firstLoss(in: []) == nil)
    #expect(MetricsHistory.firstLoss(in: Array(#"{"kind":"test","loss":1}"#.utf8)) == nil)
  }
}
