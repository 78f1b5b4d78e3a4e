/// The lanes of a batch that one of several processes computes.
///
/// The processes divide the 16 lanes into equal parts of neighboring lanes. The sums of a part's lanes are
/// a whole subtree of the tree that adds all lanes, so the processes add the sums of their parts as the
/// rest of the same tree. The examples of a part are neighbors, too.
public struct LaneShare: Equatable, Sendable {
  /// The number of the process, from 0.
  public let process: Int
  /// The number of processes.
  public let processes: Int

  /// All lanes, in one process.
  public static let whole = LaneShare(process: 0, of: 1)

  /// The numbers of processes that can share the lanes of a batch.
  public static let possibleCounts = [1, 2, 4, 8, 16]

  /// - Precondition: `processes` is one of ``possibleCounts``.
  public init(process: Int, of processes: Int) {
    precondition(
      Self.possibleCounts.contains(processes) && (0..<processes).contains(process),
      "process \(process) of \(processes)")
    self.process = process
    self.processes = processes
  }

  /// The lanes of this process.
  public var lanes: Range<Int> { lanes(of: process) }

  private func lanes(of process: Int) -> Range<Int> {
    let count = Context.laneCount / processes
    return process * count..<(process + 1) * count
  }

  /// The examples of this process among the `count` examples of a batch; possibly none.
  public func examples(among count: Int) -> Range<Int> { examples(of: process, among: count) }

  /// The examples of any process among the `count` examples of a batch.
  public func examples(of process: Int, among count: Int) -> Range<Int> {
    let lanes = lanes(of: process)
    return count * lanes.lowerBound / Context.laneCount..<count * lanes.upperBound
      / Context.laneCount
  }

  /// The examples of a lane of this process among the `count` examples of a batch, counted from the first
  /// example of this process.
  public func examples(ofLane lane: Int, among count: Int) -> Range<Int> {
    let range = Context.examples(ofLane: lane, among: count)
    let first = examples(among: count).lowerBound
    return range.lowerBound - first..<range.upperBound - first
  }

  /// The lanes of this process that have examples of a batch of `count`, in order.
  public func occupiedLanes(among count: Int) -> OccupiedLanes {
    OccupiedLanes(lanes: lanes, examples: examples(among: count), batch: count)
  }

  /// The greatest number of examples of this process among at most `count` examples of a batch.
  public func capacity(among count: Int) -> Int {
    max(1, (count * lanes.count + Context.laneCount - 1) / Context.laneCount)
  }

  /// Part `index` of `count` elements in `parts` parts, where elements are divided and not examples.
  public static func part(_ index: Int, of parts: Int, among count: Int) -> Range<Int> {
    count * index / parts..<count * (index + 1) / parts
  }
}

/// The lanes of a process that have examples. A lane has one example at most if there are fewer examples than lanes.
public struct OccupiedLanes: RandomAccessCollection {
  fileprivate let lanes: Range<Int>
  fileprivate let examples: Range<Int>
  fileprivate let batch: Int

  private var isFull: Bool { batch >= Context.laneCount }

  public var startIndex: Int { 0 }
  public var endIndex: Int { isFull ? lanes.count : examples.count }
  public subscript(position: Int) -> Int {
    isFull
      ? lanes.lowerBound + position
      : Context.lane(ofExample: examples.lowerBound + position, among: batch)
  }
}
