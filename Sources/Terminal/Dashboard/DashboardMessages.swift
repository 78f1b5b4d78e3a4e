/// The last lines that other parts of the program wrote during a dashboard.
struct DashboardMessages: Sendable {
  private static let most = 50

  /// The newest last.
  private(set) var lines: [String] = []
  /// The number of all warnings.
  private(set) var warnings = 0

  /// Adds lines; empty ones are left out.
  ///
  /// - Returns: true if any was added.
  mutating func add(_ new: [String]) -> Bool {
    let new = new.filter { $0.contains { !$0.isWhitespace } }
    warnings += new.count(where: Self.isWarning)
    lines = (lines + new).suffix(Self.most)
    return !new.isEmpty
  }

  static func isWarning(_ line: String) -> Bool {
    line.hasPrefix("warning: ") || line.hasPrefix("error: ")
  }
}
