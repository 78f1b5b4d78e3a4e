import Terminal

/// The output of a run for the user: standard output.
struct RunOutput {
  /// Writes `text`. If the reader is gone, as `head` is after its lines, the run continues.
  ///
  /// Of several processes only the first one writes, or all with `fromAll`.
  func write(_ text: String, fromAll: Bool = false) throws(OutputError) {
    guard World.isFirst || fromAll else { return }
    do throws(OutputError) { try StandardStream.output.write(text.forThisProgram) } catch {
      guard error == .readerGone else { throw error }
    }
  }
}
