/// What a process sends in each of the ``ProcessGroup``'s operations, computed on paper. Tests compare the
/// numbers with what is sent.
extension ProcessGroup.Traffic {
  /// One message of so many bytes; none if there are no bytes.
  package static func ofMessage(bytes: Int) -> Self {
    bytes > 0 ? Self(messages: 1, bytes: bytes) : Self()
  }

  /// A sum of vectors of `count` floats.
  package static func ofSum(count: Int, rank: Int, processes: Int) -> Self {
    var traffic = Self()
    var distance = 1
    guard count > ProcessGroup.smallSum else {
      while distance < processes {
        traffic = traffic + ofMessage(bytes: 4 * count)
        distance *= 2
      }
      return traffic
    }
    var kept = count
    while distance < processes {
      let (lower, upper) = (kept / 2, kept - kept / 2)
      let isLower = rank & distance == 0
      kept = isLower ? lower : upper
      // The given half on the way down, and the kept half on the way back.
      traffic =
        traffic + ofMessage(bytes: 4 * (isLower ? upper : lower)) + ofMessage(bytes: 4 * kept)
      distance *= 2
    }
    return traffic
  }

  /// Blocks that are gathered; see ``ProcessGroup/gather(_:on:offset:)``.
  package static func ofGathering(
    position: Int, processes: Int, offset: (_ position: Int) -> Int
  ) -> Self {
    var traffic = Self()
    var distance = 1
    while distance < processes {
      let first = position & ~(distance - 1)
      traffic = traffic + ofMessage(bytes: offset(first + distance) - offset(first))
      distance *= 2
    }
    return traffic
  }

  /// `count` floats that process `root` tells the others.
  package static func ofBroadcast(count: Int, from root: Int, rank: Int, processes: Int) -> Self {
    func offset(_ position: Int) -> Int { count * position / processes * 4 }
    let position = rank ^ root
    var traffic = ofGathering(position: position, processes: processes, offset: offset)
    var distance = processes / 2
    while distance > 0 {
      if position % (2 * distance) == 0 {
        let first = position + distance
        traffic = traffic + ofMessage(bytes: offset(first + distance) - offset(first))
      }
      distance /= 2
    }
    return traffic
  }
}
