import Datasets
import Files

/// Why a recipe file cannot be used.
public struct RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  public let problem: String

  public var description: String { "\(path): \(problem)" }
}

/// A file of settings: a YAML mapping from the names of flags to their values, and what the recipe
/// promises.
public struct Recipe: Sendable {
  /// The maximum size of a recipe in bytes.
  public static let limit = 1 << 16

  public let path: String
  /// The settings, in the file's order.
  public let settings: [(key: String, value: String)]
  public let claim: RecipeClaim
  /// The file's content.
  public let bytes: [UInt8]

  /// Reads the recipe called `name` in one of `folders`, or the file at the path `name`.
  public static func named(
    _ name: String, in folders: [String] = RecipeFolder.standard
  ) throws(RecipeError) -> Recipe {
    guard !name.contains("/"), !name.hasSuffix(".yaml"), !name.hasSuffix(".yml") else {
      return try Recipe(contentsOf: name)
    }
    let known = RecipeFolder.names(in: folders)
    guard let found = known.first(where: { $0.name == name }) else {
      if OutputFile.exists(name) { return try Recipe(contentsOf: name) }
      guard !known.isEmpty else {
        throw RecipeError(
          path: name,
          problem: "this program finds no recipes beside it (looked in "
            + "\(folders.joined(separator: ", "))). Give the path of a recipe's file.")
      }
      let nearest = NearestName.hint(name, among: known.map(\.name))
      throw RecipeError(
        path: name,
        problem: "there is no recipe of this name\(nearest)"
          + " (expected one of \(known.map(\.name).joined(separator: ", ")), or the path of a file)."
      )
    }
    return try Recipe(contentsOf: found.path)
  }

  /// Reads the file at `path`.
  public init(contentsOf path: String) throws(RecipeError) {
    let bytes: [UInt8]
    do throws(InputFileProblem) { bytes = try InputFile.read(path, limit: Self.limit) } catch {
      throw RecipeError(path: path, problem: "\(error). Give the path of a YAML file.")
    }
    try self.init(bytes, path: path)
  }

  init(_ bytes: [UInt8], path: String) throws(RecipeError) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw RecipeError(path: path, problem: "the file is not UTF-8 text. Save it as UTF-8.")
    }
    let mapping: YAMLMapping
    do throws(YAMLMappingError) { mapping = try YAMLMapping(bytes) } catch {
      throw RecipeError(path: path, problem: Self.text(error))
    }
    var settings: [(key: String, value: String)] = []
    var claim = RecipeClaim()
    var names: Set<String> = []
    for (name, scalar) in mapping.entries {
      guard names.insert(name).inserted else {
        throw RecipeError(path: path, problem: "“\(name)” stands twice. Leave one.")
      }
      guard Self.keys.contains(name) else {
        let nearest = NearestName.hint(name, among: Self.keys)
        throw RecipeError(
          path: path,
          problem: "there is no setting “\(name)”\(nearest) "
            + "(expected some of \(Self.keys.joined(separator: ", "))).")
      }
      // Null leaves the setting unset.
      guard let value = scalar.value else { continue }
      if RecipeClaim.keys.contains(name) {
        if let expected = claim.set(name, value) {
          throw RecipeError(
            path: path, problem: "\(name): invalid value (found “\(value)”, expected \(expected)).")
        }
      } else {
        settings.append((name, value))
      }
    }
    guard !["model", "arch"].allSatisfy({ key in settings.contains { $0.key == key } }) else {
      throw RecipeError(path: path, problem: "model and arch exclude each other. Leave one.")
    }
    self.path = path
    self.settings = settings
    self.claim = claim
    self.bytes = bytes
  }

  /// A recipe of `settings` that is in no file of its own.
  package init(path: String, settings: [(key: String, value: String)]) {
    self.path = path
    self.settings = settings
    claim = RecipeClaim()
    bytes = []
  }

  private static var keys: [String] { Configuration.settings.map(\.key) + RecipeClaim.keys }

  private static func text(_ error: YAMLMappingError) -> String {
    switch error {
    case .syntax(let problem): "the file is not YAML (\(problem)). Write `name: value`."
    case .notMapping: "the file is no mapping of settings. Write lines `name: value`."
    case .notScalar(let key): "“\(key ?? "?")” has no plain value. Write `name: value`."
    }
  }
}
