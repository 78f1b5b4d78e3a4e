/// The shape of every error message: one line that names the place first, says what is wrong, what was found
/// and what is expected, and ends a sentence.
enum MessageShape {
  /// What is wrong with the shape of `message`; nil if it has the shape.
  static func fault(of message: String) -> String? {
    if message.isEmpty { return "no message" }
    if message.contains("\n") { return "more than one line" }
    if message != message.trimmingSpaces { return "spaces at an end" }
    if message.contains("  ") && !message.contains("“") { return "two spaces" }
    if !message.hasSuffix(".") && !message.hasSuffix("?") && !message.hasSuffix("…") {
      return "it does not end a sentence"
    }
    for (text, fault) in [
      (") (found", "two pairs of parentheses"), (") (expected", "two pairs of parentheses"),
      (". Expected", "an expectation outside parentheses"), ("..", "two periods"),
      ("Optional(", "a value of Swift's"), (" nil", "a value of Swift's"),
    ] where message.contains(text) && !message.contains("../") {
      return fault
    }
    let opening = message.prefix { $0 != "(" }
    if !message.contains(": "), !message.hasPrefix("--"), !isOfParser(message) {
      return "no place in front"
    }
    if opening.contains(" found “") { return "what was found stands outside parentheses" }
    return nil
  }

  /// True for the sentences of the library that parses command lines.
  private static func isOfParser(_ message: String) -> Bool {
    ["Unknown option", "Unexpected argument", "Missing ", "The value ", "Error: "].contains {
      message.hasPrefix($0)
    } || message.contains(" unexpected arguments:")
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
