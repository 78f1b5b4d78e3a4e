import Testing

@testable import Tensors

@Suite struct LaneShareTests {
  @Test func fourProcessesHaveFourLanesEach() {
    let lanes = (0..<4).map { LaneShare(process: $0, of: 4).lanes }
    #expect(lanes == [0..<4, 4..<8, 8..<12, 12..<16])
    #expect(LaneShare.whole.lanes == 0..<16)
    // 37 examples: lane l begins at 37·l/16.
    let examples = (0..<4).map { LaneShare(process: $0, of: 4).examples(among: 37) }
    #expect(examples == [0..<9, 9..<18, 18..<27, 27..<37])
    // Lane 5 has the examples 11 and 12, which are 2 and 3 of the second process.
    #expect(LaneShare(process: 1, of: 4).examples(ofLane: 5, among: 37) == 2..<4)
  }

  @Test(arguments: LaneShare.possibleCounts) func sharesCoverABatchInOrder(_ processes: Int) {
    for count in 0...70 {
      var next = 0
      for process in 0..<processes {
        let share = LaneShare(process: process, of: processes)
        let examples = share.examples(among: count)
        #expect(examples.lowerBound == next)
        #expect(examples.count <= share.capacity(among: count))
        #expect(examples == LaneShare.whole.share(process, of: processes, among: count))
        next = examples.upperBound
        let lanes = share.lanes.flatMap { lane in
          share.examples(ofLane: lane, among: count).map { $0 + examples.lowerBound }
        }
        #expect(lanes == Array(examples))
        let occupied = share.lanes.filter { !share.examples(ofLane: $0, among: count).isEmpty }
        #expect(Array(share.occupiedLanes(among: count)) == occupied)
      }
      #expect(next == count)
    }
  }
}

extension LaneShare {
  /// The examples of a process as any other process knows them.
  fileprivate func share(_ process: Int, of processes: Int, among count: Int) -> Range<Int> {
    LaneShare(process: 0, of: processes).examples(of: process, among: count)
  }
}
