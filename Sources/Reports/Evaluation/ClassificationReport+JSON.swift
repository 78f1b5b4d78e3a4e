import Files
import Training

extension ClassificationReport {
  /// The report as JSON, the first members of `report.json`.
  ///
  ///     {"accuracy":…,"loss":…,"examples":…,"interval":[…,…],
  ///      "confusion":[[…]…],"classes":[{"name":…,"precision":…,"recall":…,"f1":…,"support":…}…],
  ///      "macro":{"precision":…,"recall":…,"f1":…}}
  ///
  /// Equal reports give equal bytes. A number has the fewest digits that read back as the same number. A loss
  /// that is not finite becomes `null`, since JSON has no such number.
  public var json: String { CanonicalJSON.object(jsonMembers).text + "\n" }

  /// The members of ``json``.
  var jsonMembers: [CanonicalJSON.Member] {
    [
      .init("accuracy", .number(accuracy)),
      .init("loss", .number(loss)),
      .init("examples", .integer(examples)),
      .init("interval", [.number(interval.lowerBound), .number(interval.upperBound)]),
      .init("confusion", .array(confusion.map { .array($0.map { .integer($0) }) })),
      .init(
        "classes",
        .array(
          classes.map {
            [
              "name": .string($0.name), "precision": .number($0.precision),
              "recall": .number($0.recall), "f1": .number($0.f1), "support": .integer($0.support),
            ]
          })),
      .init(
        "macro",
        [
          "precision": .number(macro.precision), "recall": .number(macro.recall),
          "f1": .number(macro.f1),
        ]),
    ]
  }
}
