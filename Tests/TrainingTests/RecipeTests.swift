import TestSupport
import Testing

@testable import Training

@Suite struct RecipeTests {
  private func parse(_ text: String) throws -> [String] {
    try Recipe(Array(text.utf8), path: "r.yaml").settings.map { "\($0.key)=\($0.value)" }
  }

  @Test func readsSettingsInTheirOrder() throws {
    #expect(
      try parse("# a run\nlr: 0.1\nseed: 3  # a comment\n\nmodel: lenet5\n")
        == ["lr=0.1", "seed=3", "model=lenet5"])
    #expect(try parse("{seed: 3, lr: 1e-3}") == ["seed=3", "lr=1e-3"])
    #expect(try parse("\u{FEFF}lr: 1\r\nseed: 2\r\n") == ["lr=1", "seed=2"])
    #expect(try parse("---\nlr: 1\n...\n") == ["lr=1"])
  }

  /// Null and an empty value ask for nothing; an empty text in quotation marks stays one.
  @Test(arguments: ["lr:", "lr: ", "lr: null", "lr: ~", "lr:   # none"])
  func noValueIsNotGiven(_ line: String) throws {
    #expect(try parse("\(line)\nseed: 2\n") == ["seed=2"])
    #expect(try parse("data-dir: ''\n") == ["data-dir="])
  }

  /// Values have the text that a flag would have: no number is parsed and written again.
  @Test func valuesAreTexts() throws {
    #expect(
      try parse("lr: 0.10\nseed: 0x10\nnesterov: yes\nmean: .5\narch: \"relu\\tfc(10)\"\n")
        == ["lr=0.10", "seed=0x10", "nesterov=yes", "mean=.5", "arch=relu\tfc(10)"])
    #expect(try parse("arch: 'conv(2,3) fc(10)'") == ["arch=conv(2,3) fc(10)"])
    #expect(try parse("arch: conv(2,3)\n  relu\n  fc(10)") == ["arch=conv(2,3) relu fc(10)"])
    #expect(try parse("seed: 18446744073709551615") == ["seed=18446744073709551615"])
  }

  @Test(arguments: [
    ("lr: 1\nseed: 1\nlr: 2", "“lr” stands twice. Leave one."),
    ("lr: 1\n'lr': 2", "“lr” stands twice. Leave one."),
    ("arch: relu\nmodel: lenet5", "model and arch exclude each other. Leave one."),
    ("lr: [1]", "“lr” has no plain value. Write `name: value`."),
    ("7", "the file is no mapping of settings. Write lines `name: value`."),
    ("", "the file is no mapping of settings. Write lines `name: value`."),
  ])
  func invalidRecipesAreRefused(_ text: String, _ problem: String) {
    #expect(throws: RecipeError(path: "r.yaml", problem: problem)) { try parse(text) }
  }

  @Test func bytesThatAreNotTextAreRefused() {
    let error = RecipeError(
      path: "r.yaml", problem: "the file is not UTF-8 text. Save it as UTF-8.")
    for bytes: [UInt8] in [[0x6C, 0x72, 0x3A, 0x20, 0xE9], [0xFF, 0xFE, 0x6C, 0], [0xC0, 0x80]] {
      #expect(throws: error) { try Recipe(bytes, path: "r.yaml") }
    }
  }

  /// Any bytes are settings or cause a `RecipeError`.
  @Test func damagedFilesDoNoHarm() throws {
    let start = Array(
      "lr: 0.1\nseed: 3 # x\narch: \"conv(2,3) fc(10)\"\nmean: [1]\n- a: {b: *c}\n? !!int\n".utf8)
    var random = SplitMix64(seed: 11)
    var read = 0
    for _ in 0..<5_000 {
      let bytes = random.mutation(
        of: Array(start.prefix(Int.random(in: 1...start.count, using: &random))),
        words: [
          "lr", "seed: ", "&a ", "*a", "{", "]", "|", ">", "---\n", "\u{85}", "!!", "%YAML 9",
        ])
      if (try? Recipe(bytes, path: "")) != nil { read += 1 }
    }
    #expect(read > 100 && read < 4_900)
  }
}
