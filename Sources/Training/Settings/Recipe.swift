import Datasets
import Files

/// Why a recipe file cannot be used.
public struct RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  public let problem: String

  public var description: String { "\(path): \(problem)" }
}

/// A file of settings: a YAML mapping from the names of flags to their values.
public enum Recipe {
  /// The maximum size of a recipe in bytes.
  public static let limit = 1 << 16

  /// The settings in the file at `path`, in its order.
  public static func read(_ path: String) throws(RecipeError) -> [(key: String, value: String)] {
    let bytes: [UInt8]
    do throws(InputFileProblem) { bytes = try InputFile.read(path, limit: limit) } catch {
      throw RecipeError(path: path, problem: "\(error). Give the path of a YAML file.")
    }
    return try parse(bytes, path: path)
  }

  static func parse(
    _ bytes: [UInt8], path: String
  ) throws(RecipeError) -> [(key: String, value: String)] {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw RecipeError(path: path, problem: "the file is not UTF-8 text. Save it as UTF-8.")
    }
    let mapping: YAMLMapping
    do throws(YAMLMappingError) { mapping = try YAMLMapping(bytes) } catch {
      throw RecipeError(path: path, problem: Self.text(error))
    }
    var settings: [(key: String, value: String)] = []
    var names: Set<String> = []
    for (name, scalar) in mapping.entries {
      guard names.insert(name).inserted else {
        throw RecipeError(path: path, problem: "“\(name)” stands twice. Leave one.")
      }
      guard Configuration.settings.contains(where: { $0.key == name }) else {
        let known = Configuration.settings.map(\.key).joined(separator: ", ")
        throw RecipeError(
          path: path, problem: "there is no setting “\(name)” (expected some of \(known)).")
      }
      // Null leaves the setting unset.
      if let value = scalar.value { settings.append((name, value)) }
    }
    guard !["model", "arch"].allSatisfy({ key in settings.contains { $0.key == key } }) else {
      throw RecipeError(path: path, problem: "model and arch exclude each other. Leave one.")
    }
    return settings
  }
  private static func text(_ error: YAMLMappingError) -> String {
    switch error {
    case .syntax(let problem): "the file is not YAML (\(problem)). Write `name: value`."
    case .notMapping: "the file is no mapping of settings. Write lines `name: value`."
    case .notScalar(let key): "“\(key ?? "?")” has no plain value. Write `name: value`."
    }
  }
}
