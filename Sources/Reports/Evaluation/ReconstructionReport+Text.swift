import Files
import Terminal
import Training

extension ReconstructionReport {
  /// The report as a table, with a row for each class and the mean loss below.
  ///
  /// - Parameter lossName: the heading of the losses, such as `mse`.
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

  /// The report as JSON, the first members of `report.json`.
  ///
  ///     {"loss":…,"examples":…,"classes":[{"name":…,"loss":…,"support":…}…]}
  ///
  /// Equal reports give equal bytes. A number has the fewest digits that read back as the same number. A loss
  /// that is not finite becomes `null`, since JSON has no such number.
  public var json: String { CanonicalJSON.object(jsonMembers).text + "\n" }

  /// The members of ``json``.
  var jsonMembers: [CanonicalJSON.Member] {
    [
      .init("loss", .number(loss)),
      .init("examples", .integer(examples)),
      .init(
        "classes",
        .array(
          classes.map {
            ["name": .string($0.name), "loss": .number($0.loss), "support": .integer($0.support)]
          })),
    ]
  }
}
