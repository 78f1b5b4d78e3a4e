import Files
import GradientChecking
import Tensors
import Terminal
import Training

/// The results of a check, as text and as JSON.
struct CheckReport {
  let subject: String
  let outcome: GradientCheck.Outcome

  var text: String {
    let all = outcome.all
    let failed = all.filter { !$0.passes }
    let verdict =
      failed.isEmpty
      ? (all.count == 1 ? "the only tensor passes" : "all \(Format.count(all.count)) tensors pass")
      : "\(Format.count(failed.count)) of \(Format.counted(all.count, "tensor")) FAIL"
    return """
      \(subject)

      formulas of the Textbook against central differences, in double

      \(Self.table(outcome.differences))
      \(Self.section("formulas of the lecture's rows against those of the layers, in double", outcome.rows))\
      fast layers, in single precision, against the formulas

      \(Self.table(outcome.fast))
      \(Self.section("losses: formulas against central differences, fast losses against formulas", outcome.loss))\
      \(verdict)\(failed.map { "\n" + Self.detail($0) }.joined())

      """
  }

  /// A table under its title, or nothing without checks.
  private static func section(_ title: String, _ checks: [TensorCheck]) -> String {
    checks.isEmpty ? "" : "\(title)\n\n\(table(checks))\n"
  }

  private static func table(_ checks: [TensorCheck]) -> String {
    var table = TextTable([
      .init("layer"), .init("input"), .init("tensor"), .init("checked", .right),
      .init("at kinks", .right), .init("worst error", .right), .init("at"),
      .init("bound", .right), .init("verdict"),
    ])
    for check in checks {
      table.add([
        check.layer, extents(check.input), check.tensor,
        check.checked + check.skipped == check.count
          ? Format.count(check.checked)
          : "\(Format.count(check.checked)) of \(Format.count(check.count))",
        check.skipped == 0 ? "–" : Format.count(check.skipped), error(check.error),
        "[\(check.place.map(String.init).joined(separator: ", "))]", error(check.bound),
        check.passes ? "pass" : "FAIL",
      ])
    }
    return table.text
  }

  /// A wrong element with its expected value.
  private static func detail(_ check: TensorCheck) -> String {
    let what = "\(check.layer) on \(extents(check.input)): \(check.tensor)"
    guard check.checked > 0 else {
      return "\(what): every element that was drawn is at a kink; draw more by --samples"
    }
    return "\(what) at \(check.place) is \(check.found), expected \(check.expected)"
  }

  private static func extents(_ extents: [Int]) -> String {
    extents.map(String.init).joined(separator: "×")
  }

  private static func error(_ value: Double) -> String {
    value.isFinite ? Format.significant(value, digits: 2) : "not finite"
  }

  var json: CanonicalJSON {
    [
      "subject": .string(subject), "passes": .boolean(outcome.passes),
      "differences": .array(outcome.differences.map(Self.json)),
      "row_formulas": .array(outcome.rows.map(Self.json)),
      "fast_layers": .array(outcome.fast.map(Self.json)),
      "losses": .array(outcome.loss.map(Self.json)),
    ]
  }

  private static func json(_ check: TensorCheck) -> CanonicalJSON {
    [
      "layer": .string(check.layer), "input": .array(check.input.map { .integer($0) }),
      "tensor": .string(check.tensor), "shape": .array(check.shape.map { .integer($0) }),
      "checked": .integer(check.checked), "at_kinks": .integer(check.skipped),
      "worst_error": .number(check.error), "at": .array(check.place.map { .integer($0) }),
      "found": .number(check.found), "expected": .number(check.expected),
      "scale": .number(check.scale), "bound": .number(check.bound),
      "passes": .boolean(check.passes),
    ]
  }
}
