import Terminal
import Testing

@Suite struct TransferStateTests {
  private let half = TransferState(
    file: "cifar-10-binary.tar.gz", done: 68_020_868, total: 170_052_171,
    bytesPerSecond: 12_897_485, secondsLeft: 7.9)

  @Test func aPlainLineHasAllKnownValues() {
    #expect(
      half.plainLine
        == "cifar-10-binary.tar.gz  39%  64.9 MiB of 162.2 MiB  12.3 MiB/s  7.9s left")
    #expect(TransferState(file: "a.gz", done: 0, total: 0).plainLine == "a.gz  100%  0 B of 0 B")
    #expect(TransferState(file: "a.gz", done: 2048).plainLine == "a.gz  2.0 KiB")
    #expect(
      TransferState(file: "a.gz", done: 2048, total: 2048, bytesPerSecond: .infinity).plainLine
        == "a.gz  100%  2.0 KiB of 2.0 KiB")
  }

  @Test func narrowBarsLeaveFieldsOutInOrder() {
    #expect(
      half.barLine(width: 110)
        == "cifar-10-binary.tar.gz  ━━━━━━━━━━━╸──────────────────  39%  64.9 MiB of 162.2 MiB  "
        + "12.3 MiB/s  7.9s left")
    #expect(half.barLine(width: 77).contains("64.9 MiB") && !half.barLine(width: 77).contains("/s"))
    #expect(half.barLine(width: 50) == "cifar-10-binary.tar.gz  ━━━╸──────  39%  7.9s left")
    #expect(half.barLine(width: 30) == "━━━━━╸────────  39%  7.9s left")
    #expect(half.barLine(width: 10) == " 39%")
    for width in 0...120 { #expect(half.barLine(width: width).terminalWidth <= width) }
  }

  @Test func withoutASizeThereIsNoBar() {
    let state = TransferState(file: "a.gz", done: 5 << 20, bytesPerSecond: 1_048_576)
    #expect(state.barLine(width: 80) == "a.gz  5.0 MiB  1.0 MiB/s")
    #expect(state.barLine(width: 9) == "a.gz  5.0")
    #expect(TransferState(file: "a.gz", done: 33 << 20).step == 2)
    #expect(state.step < state.steps)
  }

  @Test func plainLinesComeAtEveryTenthOfTheFile() {
    var text = ""
    let display = ProgressDisplay(
      mode: .plain, every: 1,
      on: .init(
        isTerminal: false, terminal: nil, columns: { 80 }, clock: { 0 }, write: { text += $0 }))
    for done in 0...1000 {
      display.update(TransferState(file: "a.gz", done: done, total: 1000))
    }
    #expect(text.split(separator: "\n").count == 11)
    #expect(text.hasPrefix("a.gz  0%  0 B of 1000 B\na.gz  10%  100 B of 1000 B\n"))
    #expect(text.hasSuffix("a.gz  100%  1000 B of 1000 B\n"))
  }
}
