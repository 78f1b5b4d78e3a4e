import Training

extension ClassificationReport {
  /// The report as JSON, as `report.json` holds it.
  ///
  ///     {"accuracy":…,"loss":…,"examples":…,"interval":[…,…],
  ///      "confusion":[[…]…],"classes":[{"name":…,"precision":…,"recall":…,"f1":…,"support":…}…],
  ///      "macro":{"precision":…,"recall":…,"f1":…}}
  ///
  /// Equal reports give equal bytes. Numbers are written with the fewest digits that read back as
  /// the same number; a loss that is not finite, which JSON cannot say, is `null`.
  public var json: String {
    let rows = confusion.map { row in
      "[" + row.map(String.init).joined(separator: ",") + "]"
    }
    let scores = classes.map { scores in
      "{\"name\":\(Self.quoted(scores.name))," + "\"precision\":\(Self.number(scores.precision)),"
        + "\"recall\":\(Self.number(scores.recall)),\"f1\":\(Self.number(scores.f1)),"
        + "\"support\":\(scores.support)}"
    }
    let interval = "[\(Self.number(interval.lowerBound)),\(Self.number(interval.upperBound))]"
    return """
      {"accuracy":\(Self.number(accuracy)),
      "loss":\(Self.number(loss)),
      "examples":\(examples),
      "interval":\(interval),
      "confusion":[
      \(rows.joined(separator: ",\n"))],
      "classes":[
      \(scores.joined(separator: ",\n"))],
      "macro":{"precision":\(Self.number(macro.precision)),\
      "recall":\(Self.number(macro.recall)),"f1":\(Self.number(macro.f1))}}

      """
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? "\(value)" : "null"
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
