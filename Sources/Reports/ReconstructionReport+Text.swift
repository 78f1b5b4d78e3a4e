import Files
import Terminal
import Training

extension ReconstructionReport {
  /// The report as text: the mean loss, and a row for each class.
  ///
  /// - Parameter lossName: what the loss is called, `mse`.
  public func consoleText(lossName: String) -> String {
    var table = TextTable([
      .init("class"), .init(lossName, .right), .init("examples", .right),
    ])
    for row in classes {
      table.add([row.name, Format.significant(row.loss, digits: 4), Format.count(row.support)])
    }
    table.addRule()
    table.add(["all", Format.significant(loss, digits: 4), Format.count(examples)])
    return table.text
  }

  /// The report as JSON, as `report.json` holds it.
  ///
  ///     {"loss":…,"examples":…,"classes":[{"name":…,"loss":…,"support":…}…]}
  ///
  /// Equal reports give equal bytes. Numbers are written with the fewest digits that read back as
  /// the same number; a loss that is not finite, which JSON cannot say, is `null`.
  public var json: String {
    let value: CanonicalJSON = [
      "loss": .number(loss),
      "examples": .integer(examples),
      "classes": .array(
        classes.map {
          ["name": .string($0.name), "loss": .number($0.loss), "support": .integer($0.support)]
        }),
    ]
    return value.text + "\n"
  }
}
