import Terminal

/// Warnings of commands, with the name of the program that was called.
enum Notice {
  static func warning(_ message: String) { ErrorLine.warning(message.forThisProgram) }
}
