import Foundation
import Testing

@testable import Files

/// Messages about invalid recipe files: one line, exit code 2, no output files.
@Suite struct RecipeMessageTests {
  private static let cases: [(name: String, text: String, message: String)] = [
    ("twice", "lr: 1\nlr: 2\n", "twice.yaml: “lr” stands twice. Leave one."),
    ("quoted", "lr: 1\n\"lr\": 2\n", "quoted.yaml: “lr” stands twice. Leave one."),
    (
      "both", "model: lenet5\narch: fc(classes)\n",
      "both.yaml: model and arch exclude each other. Leave one."
    ),
    ("list", "- a\n", "list.yaml: the file is no mapping of settings. Write lines `name: value`."),
    (
      "comment", "# nothing\n",
      "comment.yaml: the file is no mapping of settings. Write lines `name: value`."
    ),
    ("empty", "", "empty.yaml: the file is empty. Give the path of a YAML file."),
    ("nested", "lr: {a: 1}\n", "nested.yaml: “lr” has no plain value. Write `name: value`."),
    ("several", "lr: [1, 2]\n", "several.yaml: “lr” has no plain value. Write `name: value`."),
    ("key", "? [a]\n: 1\n", "key.yaml: “?” has no plain value. Write `name: value`."),
    ("merge", "<<: {lr: 1}\n", "merge.yaml: “<<” has no plain value. Write `name: value`."),
    (
      "blank", "lr: \"\"\n", "--lr: invalid value (found “”, expected a number from 0 up)."
    ),
    (
      "flag", "nesterov: maybe\n",
      "--nesterov: invalid value (found “maybe”, expected true or false)."
    ),
    ("unknown", "rate: 1\n", "unknown.yaml: there is no setting “rate” (expected some of dataset…"),
    ("resume", "resume: x\n", "resume.yaml: there is no setting “resume” (expected some of…"),
    ("alias", "lr: *x\n", "alias.yaml: the file is not YAML (…"),
    ("documents", "lr: 1\n---\nlr: 2\n", "documents.yaml: the file is not YAML (…"),
    ("zero", "lr: 1\0\n", "zero.yaml: the file is not YAML (…"),
    ("control", "lr: 1\nabout: a\u{1b}b\n", "control.yaml: the file is not YAML (line 2: control…"),
    ("lists", String(repeating: "[", count: 60_000), "lists.yaml: the file is not YAML (…"),
    (
      "maps", "lr: " + String(repeating: "{a: ", count: 15_000),
      "maps.yaml: the file is not YAML (…"
    ),
    (
      "large", String(repeating: "#", count: 65_537),
      "large.yaml: the file is too large (found 65537 bytes, expected at most 65536). "
        + "Give the path of a YAML file."
    ),
  ]

  @Test func everyInvalidRecipeIsOneLine() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    for (name, text, message) in Self.cases {
      try scratch.write(Array(text.utf8), "\(name).yaml")
      try Program.run(
        "train", ["--data-dir", "digits", "--run-dir", "run", "--recipe", "\(name).yaml"],
        in: scratch
      ).expectFailure(2, message)
      #expect(!scratch.exists("run"), "\(message)")
    }
  }
}
