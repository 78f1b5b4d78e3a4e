import Terminal
import Testing

@Suite struct TerminalTextTests {
  @Test(arguments: [
    ("", 0), ("pooling", 7), ("čšž", 3), ("c\u{30C}a", 2), ("猫", 2), ("ﾈｺ", 2), ("고양이", 6),
    ("🐈", 2), ("👩‍🔬", 2), ("✔️", 2), ("×", 1), ("·", 1), ("━╸─", 3), ("e\u{200B}", 1),
  ])
  func wideCharactersOccupyTwoColumnsAndMarksNone(text: String, columns: Int) {
    #expect(text.terminalWidth == columns)
  }

  @Test(arguments: [
    ("plain/path.png", "plain/path.png"), ("two\nlines\r\n", "two\\nlines\\r\\n"),
    ("a\tb", "a\\tb"), ("\u{1B}[31mred", "\\u{1B}[31mred"), ("nul\0", "nul\\u{0}"),
    ("\u{9B}2J", "\\u{9B}2J"), ("\u{7F}", "\\u{7F}"), ("abc\u{202E}gnp", "abc\\u{202E}gnp"),
    ("line\u{2028}", "line\\u{2028}"), ("čšž 猫", "čšž 猫"),
  ])
  func controlCharactersAreEscaped(text: String, expected: String) {
    #expect(text.escapedForTerminal == expected)
  }

  @Test func prefixesKeepWholeCharacters() {
    #expect("a猫b".prefix(terminalWidth: 0) == "")
    #expect("a猫b".prefix(terminalWidth: 2) == "a")
    #expect("a猫b".prefix(terminalWidth: 3) == "a猫")
    #expect("a猫b".prefix(terminalWidth: 9) == "a猫b")
    #expect("c\u{30C}a".prefix(terminalWidth: 1) == "c\u{30C}")
  }
}
