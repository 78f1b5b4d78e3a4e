/// A progress bar with text fields on both sides.
struct ProgressBar {
  struct Field {
    let text: String
    /// On a narrow terminal, fields are left out in the order of their ranks, lowest first.
    let rank: Int

    init(_ text: String, rank: Int) {
      self.text = text
      self.rank = rank
    }
  }

  /// The completed fraction, 0 to 1.
  let fraction: Double
  let before: [Field]
  let after: [Field]

  init(fraction: Double, before: [Field], after: [Field]) {
    self.fraction = min(1, max(0, fraction))
    self.before = before
    self.after = after
  }

  private static let shortest = 8
  private static let longest = 30

  /// The line, at most `width` columns wide. The percentage is left out last.
  ///
  /// - Parameter longest: the greatest length of the bar itself.
  func line(width: Int, longest: Int = ProgressBar.longest) -> String {
    var (before, after) = (before, after)
    let digits = "\(Int(fraction * 100))%"
    let percent = String(repeating: " ", count: max(0, 4 - digits.count)) + digits
    func room() -> Int {
      (before + after).reduce(width - percent.count - 1) { $0 - $1.text.terminalWidth - 2 }
    }
    for rank in (before + after).map(\.rank).sorted() where room() < Self.shortest {
      before.removeAll { $0.rank == rank }
      after.removeAll { $0.rank == rank }
    }
    guard room() >= Self.shortest else { return percent.prefix(terminalWidth: max(0, width)) }
    let bar = bar(length: min(room(), longest))
    return (before.map(\.text) + ["\(bar) \(percent)"] + after.map(\.text))
      .joined(separator: "  ")
  }

  /// `length` characters. The completed ``fraction`` is drawn heavy, to half a character.
  private func bar(length: Int) -> String {
    let halves = Int(fraction * Double(2 * length))
    let full = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
    return full + String(repeating: "─", count: length - full.count)
  }
}
