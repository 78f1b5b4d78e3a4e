import Tensors
import Testing
import Textbook

@testable import GradientChecking

/// The losses, as `gradcheck` compares them.
@Suite struct LossCheckTests {
  let context = Context(threadCount: 1)

  private func rows(_ scores: [Vector<Double>], _ labels: [Int]) -> [TensorCheck] {
    LossCheck(scores: scores, labels: labels, context: context).rows(bound: 1e-7)
  }

  @Test func everyLossIsComparedThreeTimes() {
    let rows = rows([[0.5, -1, 2], [3, 0.25, -0.5]], [1, 0])
    for row in rows { #expect(row.passes && row.skipped == 0, "\(row)") }
    let names = ["L2 cross-entropy", "L2 cross-entropy, smoothed", "hinge", "mse", "bce"]
    #expect(
      rows.map(\.tensor)
        == names.flatMap { ["\($0): gradient", "\($0): fast loss", "\($0): fast gradient"] })
    #expect(rows.map(\.count) == Array(repeating: [6, 2, 6], count: 5).flatMap { $0 })
  }

  /// Class 1 lies at the hinge's margin: its score and the label's cannot be compared with differences.
  @Test func elementsAtTheMarginAreSkipped() throws {
    let rows = rows([[2, 1, -3]], [0])
    let hinge = try #require(rows.first { $0.tensor == "hinge: gradient" })
    #expect(hinge.passes && hinge.checked == 1 && hinge.skipped == 2)
  }

  /// Scores that round to others in single precision: the fast loss is of the rounded ones.
  @Test func aFastLossOfOtherScoresIsFound() throws {
    let rows = rows([[1e6, 1e6 + 0.02]], [0])
    let fast = try #require(rows.first { $0.tensor == "L2 cross-entropy: fast gradient" })
    #expect(!fast.passes)
  }
}
