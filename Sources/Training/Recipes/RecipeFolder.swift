import Datasets
import Files

/// The folders in which recipes are looked up by name.
public enum RecipeFolder {
  /// `recipes/` in the current folder, in the package of the running program, and in the folder of
  /// an installed program.
  public static var standard: [String] { ProgramFolders.named("recipes") }

  /// The recipes in `folders`, by name. Of two with the same name, the first folder's is taken.
  public static func names(in folders: [String] = standard) -> [(name: String, path: String)] {
    var found: [String: String] = [:]
    for folder in folders {
      for file in (try? OutputFile.names(in: folder)) ?? [] where file.hasSuffix(".yaml") {
        let name = String(file.dropLast(".yaml".count))
        if found[name] == nil { found[name] = "\(folder)/\(file)" }
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
