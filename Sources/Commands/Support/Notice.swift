import Terminal

/// Shows warnings, in which commands have the name of the running program.
enum Notice {
  static func warning(_ message: String) { ErrorLine.warning(message.forThisProgram) }
}
