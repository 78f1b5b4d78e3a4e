import Terminal

/// The output of a run for the user: standard output.
struct RunOutput {
  /// Writes `text`. If the reader is gone, as `head` is after its lines, the run continues.
  func write(_ text: String) throws(OutputError) {
    do throws(OutputError) { try StandardStream.output.write(text.forThisProgram) } catch {
      guard error == .readerGone else { throw error }
    }
  }
}
