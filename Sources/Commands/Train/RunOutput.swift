import Terminal

/// Where a run reports to a person: standard output.
struct RunOutput {
  /// Writes `text`, unless its reader is gone, as `head` is after its lines: the run goes on then.
  func write(_ text: String) throws(OutputError) {
    do throws(OutputError) { try StandardStream.output.write(text.forThisProgram) } catch {
      guard error == .readerGone else { throw error }
    }
  }
}
