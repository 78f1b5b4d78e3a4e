/// One layer in the course's notation: `conv(16,5,stride=2)`.
package struct NotationWord: Equatable {
  package var name: String
  package var positional: [String] = []
  package var named: [(key: String, value: String)] = []
  package var position: Int
  /// The word as written. For the end of a block it is the text of the whole block, and `position`
  /// is the block's.
  package var text: String
  /// The end of a block of layers that the word is, `res(` or its bracket; nil for other words.
  package var block: Block?

  package enum Block { case opens, closes }

  package static func == (a: NotationWord, b: NotationWord) -> Bool {
    a.text == b.text && a.position == b.position
  }
}
