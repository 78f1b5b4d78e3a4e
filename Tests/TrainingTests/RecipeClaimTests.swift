import TestSupport
import Testing

@testable import Training

/// What recipes promise, and how they are found.
@Suite struct RecipeClaimTests {
  private func recipe(_ text: String) throws -> Recipe {
    try Recipe(Array(text.utf8), path: "r.yaml")
  }

  @Test func readsTheClaimBesideTheSettings() throws {
    let recipe = try recipe(
      "about: a test\naccuracy: 94.0\naccuracy-std: 0.15\naccuracy-seeds: 10\nflops: 3e14\nlr: 1\n")
    #expect(recipe.settings.map(\.key) == ["lr"])
    #expect(recipe.claim.about == "a test" && recipe.claim.flops == 3e14)
    #expect(recipe.claim.accuracyText == "94.0 % ± 0.15 (mean of 10 seeds)")
  }

  @Test(arguments: [
    ("accuracy: 101", "accuracy: invalid value (found “101”, expected a percentage)."),
    (
      "accuracy-seeds: 0",
      "accuracy-seeds: invalid value (found “0”, expected a whole number above 0)."
    ),
    ("flops: many", "flops: invalid value (found “many”, expected a number)."),
  ])
  func invalidClaimsAreRefused(text: String, problem: String) {
    #expect(throws: RecipeError(path: "r.yaml", problem: problem)) { try recipe(text) }
  }

  @Test func anUnknownKeyIsAnsweredWithTheNearest() {
    do {
      _ = try recipe("momentun: 0.9")
      Issue.record("momentun was taken")
    } catch {
      #expect(
        "\(error)".hasPrefix(
          "r.yaml: there is no setting “momentun”, did you mean “momentum”? (expected some of"))
    }
  }

  /// Two standard deviations of the difference of a run and the claimed mean:
  /// 2·√(0.15² + 0.15²/10) = 0.3146 for one seed.
  @Test(arguments: [
    (94.3, 1, RecipeClaim.Match.matches), (94.32, 1, .above), (93.69, 1, .matches),
    (93.68, 1, .below), (94.13, 10, .matches), (94.14, 10, .above),
  ])
  func resultsAreComparedByTheSpread(found: Double, seeds: Int, match: RecipeClaim.Match) throws {
    let claim = try recipe("accuracy: 94\naccuracy-std: 0.15\naccuracy-seeds: 10").claim
    #expect(claim.match(found, seeds: seeds) == match)
  }

  @Test func recipesAreFoundByName() throws {
    let folder = TemporaryFolder()
    try folder.write(Array("lr: 0.5".utf8), to: "first/quick.yaml")
    try folder.write(Array("lr: 0.25".utf8), to: "second/quick.yaml")
    try folder.write(Array("lr: 0.125".utf8), to: "second/slow.yaml")
    let folders = ["\(folder.path)/first", "\(folder.path)/second", "\(folder.path)/none"]
    #expect(RecipeFolder.names(in: folders).map(\.name) == ["quick", "slow"])
    #expect(try Recipe.named("quick", in: folders).settings[0].value == "0.5")
    #expect(try Recipe.named("slow", in: folders).settings[0].value == "0.125")
    #expect(
      try Recipe.named("\(folder.path)/second/quick.yaml", in: folders).settings[0].value == "0.25")
    for (found, message) in [
      (
        folders,
        "slwo: there is no recipe of this name, did you mean “slow”? (expected one of quick, slow, "
          + "or the path of a file)."
      ),
      (
        [folders[2]],
        "slwo: this program finds no recipes beside it (looked in \(folders[2])). Give the path of "
          + "a recipe's file."
      ),
    ] {
      do {
        _ = try Recipe.named("slwo", in: found)
        Issue.record("slwo was found")
      } catch { #expect("\(error)" == message) }
    }
  }

  /// All recipes of the project are valid, and say what they promise or where they come from.
  @Test func theProjectsRecipesAreValid() throws {
    let recipes = RecipeFolder.names(in: [Package.folder + "/recipes"])
    #expect(recipes.count >= 2)
    for (name, path) in recipes {
      let recipe = try Recipe(contentsOf: path)
      let configuration = try Configuration(recipe: recipe.settings, flags: [])
      #expect(!recipe.claim.about.isEmpty && recipe.claim.flops != nil, "\(name)")
      #expect(configuration.network != nil, "\(name)")
    }
  }
}

private enum Package {
  /// The folder of this package.
  static let folder =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
}
