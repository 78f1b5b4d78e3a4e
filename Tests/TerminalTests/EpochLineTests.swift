import Terminal
import Testing

@Suite struct EpochLineTests {
  let line = EpochLine(
    epoch: 12, train: .init(loss: 0.03124, accuracy: 0.98914),
    validation: .init(loss: 0.04011, accuracy: 0.98732), isBest: true, imagesPerSecond: 12_345)

  @Test func allIsShownWhereThereIsRoom() {
    let whole =
      "epoch 12: train loss 0.0312, accuracy 98.91%; validation loss 0.0401, accuracy 98.73% (best); "
      + "12,345 images/s"
    #expect(line.text(width: nil) == whole)
    #expect(line.text(width: 200) == whole)
    #expect(line.text(width: whole.count) == whole)
  }

  @Test func aLineFitsItsTerminal() {
    #expect(
      line.text(width: 80)
        == "epoch 12: train loss 0.0312, 98.91%; validation loss 0.0401, 98.73% (best)")
    #expect(line.text(width: 40) == "epoch 12: 0.0312 98.91%; 0.0401 98.73%*")
    #expect(line.text(width: 16) == "12: 0.0401 98.73%*".prefix(16))
  }

  @Test(arguments: [0, 1, 7, 40, 80, 97, 132])
  func noLineIsWiderThanItsTerminal(_ width: Int) {
    let figures: [EpochLine.Figures] = [
      .init(loss: 123.4567, accuracy: 1), .init("cross-entropy", 0.000123456), .init("mse", 1e30),
      .init(loss: 1e-9, accuracy: 0),
    ]
    for train in figures {
      for validation in figures.map({ Optional($0) }) + [nil] {
        for isBest in [false, true] {
          let line = EpochLine(
            epoch: 1000, train: train, validation: validation, isBest: isBest,
            imagesPerSecond: 1234.5)
          #expect(line.text(width: width).terminalWidth <= width)
        }
      }
    }
  }
}
