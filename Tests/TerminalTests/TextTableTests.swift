import Terminal
import Testing

@Suite struct TextTableTests {
  @Test func columnsAreAlignedLeftOrRight() {
    var table = TextTable([.init("layer"), .init("output"), .init("parameters", .right)])
    table.add(["conv1", "[28, 28, 16]", "416"])
    table.add(["fc1", "[10]", "31,370"])
    table.addRule()
    table.add(["total", "", "31,786"])
    #expect(
      table.text == """
        layer  output        parameters
        ───────────────────────────────
        conv1  [28, 28, 16]         416
        fc1    [10]              31,370
        ───────────────────────────────
        total                    31,786

        """)
    #expect(table.width == 31)
  }

  @Test func aVerticalRuleFollowsTheRowHeadings() {
    var table = TextTable(
      [.init("", .right), .init("name"), .init("0", .right), .init("1", .right)], rowHeadings: 2)
    table.add(["0", "cat", "12", "·"])
    table.add(["1", "ox", "3", "4"])
    #expect(
      table.text == """
           name │  0  1
        ────────┼──────
        0  cat  │ 12  ·
        1  ox   │  3  4

        """)
  }

  @Test func theWidthOfACellCountsTerminalColumns() {
    var table = TextTable([.init("razred"), .init("n", .right)])
    for name in ["mačka", "c\u{30C}ovjek", "猫", "🐈", "pas"] { table.add([name, "1"]) }
    let widths = table.text.split(separator: "\n").map { String($0).terminalWidth }
    #expect(widths == [Int](repeating: 9, count: 7))
    #expect(table.text.contains("\n猫      1\n"))
  }

  @Test func controlCharactersInCellsAreEscaped() {
    var table = TextTable([.init("na\nme"), .init("n")])
    table.add(["two\nlines", "\u{1B}[2J"])
    #expect(table.text.split(separator: "\n").count == 3)
    #expect(!table.text.contains("\u{1B}"))
  }
}
