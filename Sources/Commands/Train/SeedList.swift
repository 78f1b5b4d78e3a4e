/// The seeds of a series of runs: `--seeds 10` for 1 to 10, `--seeds 3-7`, or `--seeds 1,5,9`.
struct SeedList: Equatable {
  let seeds: [UInt64]

  static let forms = "a number of seeds such as 10, a range such as 1-10, or a list such as 1,5,9"
  private static let most = 10_000

  init?(_ text: String) {
    func number(_ text: Substring) -> UInt64? {
      text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
    let items = text.split(separator: ",", omittingEmptySubsequences: false)
    var seeds: [UInt64] = []
    if items.count == 1, let count = number(items[0]) {
      guard count > 0, count <= Self.most else { return nil }
      seeds = Array(1...count)
    } else {
      for item in items {
        let ends = item.split(separator: "-", omittingEmptySubsequences: false).map(number)
        guard let first = ends[0], let last = ends[ends.count - 1], ends.count <= 2,
          first <= last, last - first < Self.most
        else { return nil }
        seeds += first...last
      }
    }
    guard seeds.count <= Self.most, Set(seeds).count == seeds.count else { return nil }
    self.seeds = seeds
  }
}
