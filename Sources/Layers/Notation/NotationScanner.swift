/// Splits text like `conv(16,5) relu pool(3,2) fc(10)` into words. Spaces, arrows or dashes
/// separate the layers, as on the slides. The layers of a block stand between its brackets.
package struct NotationScanner {
  private let text: String
  private let characters: [Character]
  private var index = 0

  package init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  package mutating func words() throws(NotationError) -> [NotationWord] {
    var words: [NotationWord] = []
    /// The indices of the words whose blocks are open.
    var open: [Int] = []
    while true {
      while index < characters.count, isSeparator(characters[index]) { index += 1 }
      guard index < characters.count else {
        guard let last = open.last else { return words }
        throw notClosed(words[last].position - 1)
      }
      if characters[index] == ")", let first = open.popLast() {
        index += 1
        let start = words[first].position - 1
        words[first].text = String(characters[start..<index])
        guard first < words.count - 1 else {
          throw error(
            at: start, words[first].text, "it has no layers", "res(layers), as res(conv(16,3) relu)"
          )
        }
        words.append(
          NotationWord(name: ")", position: start + 1, text: words[first].text, block: .closes))
        continue
      }
      let word = try word()
      if word.block == .opens { open.append(words.count) }
      words.append(word)
    }
  }

  private func notClosed(_ start: Int) -> NotationError {
    error(at: start, String(characters[start...]), "the bracket is not closed", "a ) at the end")
  }

  private func isSeparator(_ c: Character) -> Bool {
    c.isWhitespace || c == "→" || c == "-" || c == "–" || c == ">" || c == ";"
  }

  private func isWordCharacter(_ c: Character) -> Bool { c.isLetter || c.isNumber || c == "_" }

  private mutating func word() throws(NotationError) -> NotationWord {
    let start = index
    while index < characters.count, isWordCharacter(characters[index]) { index += 1 }
    guard index > start else {
      throw error(
        at: start, String(characters[start]), "this is not the name of a layer",
        "a layer such as conv(16,5), relu, pool(2) or fc(10)")
    }
    var word = NotationWord(
      name: String(characters[start..<index]).lowercased(), position: start + 1, text: "")
    if index < characters.count, characters[index] == "(" {
      if LayerRegistry.opensBlock(word.name) {
        word.block = .opens
        index += 1
      } else {
        try arguments(of: &word, start)
      }
    }
    word.text = String(characters[start..<index])
    return word
  }

  private mutating func arguments(of word: inout NotationWord, _ start: Int) throws(NotationError) {
    index += 1
    var argument = ""
    while true {
      guard index < characters.count else {
        throw notClosed(start)
      }
      let c = characters[index]
      index += 1
      if c == "," || c == ")" {
        try add(argument, to: &word, start)
        argument = ""
        if c == ")" { return }
      } else if !c.isWhitespace {
        argument.append(c)
      }
    }
  }

  private func add(
    _ argument: String, to word: inout NotationWord, _ start: Int
  ) throws(NotationError) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    if parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty {
      word.named.append((parts[0].lowercased(), String(parts[1])))
    } else if parts.count == 1, !argument.isEmpty, word.named.isEmpty {
      word.positional.append(argument)
    } else {
      throw error(
        at: start, String(characters[start..<index]), "the argument “\(argument)” is misplaced",
        "numbers first, then options as name=value")
    }
  }

  private func error(
    at start: Int, _ layer: String, _ problem: String, _ expected: String
  ) -> NotationError {
    NotationError(
      text: text, position: start + 1, layer: layer, problem: problem, expected: expected)
  }
}
