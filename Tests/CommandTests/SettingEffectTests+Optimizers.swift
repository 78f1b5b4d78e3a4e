import Testing

@testable import Training

extension SettingEffectTests {
  /// Runs with other optimizers than SGD, each with other flags.
  private static let variants: [(optimizer: String, flags: [[String]])] = [
    ("adam", [[], ["--betas", "0.5,0.9"], ["--eps", "0.1"]]),
    ("adamw", [[], ["--betas", "0.5,0.9"], ["--eps", "0.1"], ["--weight-decay", "0.5"]]),
    ("rmsprop", [[], ["--alpha", "0.5"], ["--eps", "0.1"], ["--momentum", "0.5"]]),
    ("lion", [[], ["--betas", "0.5,0.9"]]),
    (
      "muon",
      [
        [], ["--muon-rest", "adamw"], ["--muon-coefficients", "3,-3,1"],
        ["--muon-rescale", "never"], ["--momentum", "0.5"], ["--nesterov"],
        ["--decoupled-weight-decay"], ["--muon-rest", "adamw", "--betas", "0.5,0.9"],
        ["--muon-rest", "adamw", "--eps", "0.1"], ["--groups", "conv weight: muon=no"],
      ]
    ),
  ]

  @Test func everySettingOfAnOptimizerChangesItsResults() throws {
    let scratch = try Scratch()
    try scratch.makeDigits()
    var compared: Set<String> = []
    for (optimizer, variants) in Self.variants {
      var seen: Set<String> = []
      for (number, flags) in variants.enumerated() {
        let name = "\(optimizer)-\(number)"
        var all = arguments(name, "opt", optimizer) + flags
        // Without the filters, another matrix is left to Muon.
        if optimizer == "muon" { all += ["--arch", "conv(3,3) relu pool(4) fc(6) fc(classes)"] }
        let outcome = try Program.run("train", all, in: scratch)
        #expect(outcome.status == 0, "\(name): \(outcome.errors)")
        #expect(!outcome.errors.contains("changes nothing"), "\(name): \(outcome.errors)")
        #expect(seen.insert(try results(name, in: scratch)).inserted, "\(name)")
        compared.formUnion(flags.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) })
      }
    }
    #expect(compared.isSuperset(of: Optimizers.ownSettings))
  }
}
