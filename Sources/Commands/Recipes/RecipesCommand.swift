import ArgumentParser
import Terminal
import Training

/// `swift run recipes`: lists and shows the recipes that have a name.
struct RecipesCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "recipes",
    abstract: "List and show the recipes for training that have a name.",
    discussion: "A recipe holds the settings of a run and the accuracy that it reaches. "
      + "`train --recipe NAME` trains with it."
      + ProgramName.examples("recipes list", "recipes show airbench94"),
    version: RunEnvironment.version,
    subcommands: [RecipesListCommand.self, RecipesShowCommand.self],
    defaultSubcommand: RecipesListCommand.self)

  /// Only the subcommands do anything.
  func execute() throws -> ExitStatus { throw CleanExit.helpRequest(self) }
}

/// `swift run recipes list`
struct RecipesListCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the recipes with the accuracy that they promise.")

  func execute() throws -> ExitStatus {
    var table = TextTable([
      .init("name"), .init("data set"), .init("accuracy"), .init("flops", .right),
      .init("about"),
    ])
    for (name, path) in RecipeFolder.names() {
      let recipe: Recipe
      do throws(RecipeError) { recipe = try Recipe(contentsOf: path) } catch {
        Notice.warning("\(error) It is left out.")
        continue
      }
      let dataset = recipe.settings.first { $0.key == "dataset" }?.value ?? "mnist"
      let flops = recipe.claim.flops.map { Format.significant($0, digits: 2) } ?? "–"
      table.add([
        name, dataset, recipe.claim.accuracyText ?? "–", flops, recipe.claim.about,
      ])
    }
    try StandardStream.output.write(table.text)
    return .done
  }
}

/// `swift run recipes show NAME`
struct RecipesShowCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a recipe with its comments.")

  @Argument(
    help: "The recipe's name, or the path of a file.",
    completion: .list(RecipeFolder.names().map(\.name)))
  var name: String

  func execute() throws -> ExitStatus {
    let recipe = try Recipe.named(name)
    try StandardStream.output.write(String(decoding: recipe.bytes, as: UTF8.self))
    return .done
  }
}
