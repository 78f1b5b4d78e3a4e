import Datasets
import Files
import Yams

/// Why a recipe file cannot be used.
public struct RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  public let problem: String

  public var description: String { "\(path): \(problem)" }
}

/// A file of settings: a YAML mapping from the names of flags to their values.
public enum Recipe {
  /// The most bytes that a recipe may have.
  public static let limit = 1 << 16

  /// The settings that the file at `path` gives, in its order.
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
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RecipeError(path: path, problem: "the file is not UTF-8 text. Save it as UTF-8.")
    }
    let node: Node?
    // A byte order mark would move the first line, and only that, one column to the right.
    let yaml = text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
    do { node = try Yams.compose(yaml: yaml) } catch YamlError.duplicatedKeysInMapping(
      let duplicates, _)
    {
      let name = duplicates.first ?? "a setting"
      throw RecipeError(path: path, problem: "“\(name)” stands twice. Leave one.")
    } catch let error as YamlError {
      let line = "\(error)".split(separator: "\n").first.map(String.init) ?? "not YAML"
      throw RecipeError(path: path, problem: "the file is not YAML (\(line)). Write `name: value`.")
    } catch {
      throw RecipeError(path: path, problem: "the file is not YAML. Write `name: value` lines.")
    }
    guard let mapping = node?.mapping else {
      throw RecipeError(
        path: path, problem: "the file is no mapping of settings. Write lines `name: value`.")
    }
    var settings: [(key: String, value: String)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string, let text = value.scalar?.string else {
        throw RecipeError(
          path: path,
          problem: "“\(key.scalar?.string ?? "?")” has no plain value. Write `name: value`.")
      }
      guard !settings.contains(where: { $0.key == name }) else {
        throw RecipeError(path: path, problem: "“\(name)” stands twice. Leave one.")
      }
      guard Configuration.settings.contains(where: { $0.key == name }) else {
        let known = Configuration.settings.map(\.key).joined(separator: ", ")
        throw RecipeError(
          path: path, problem: "there is no setting “\(name)” (expected some of \(known)).")
      }
      settings.append((name, text))
    }
    guard !["model", "arch"].allSatisfy({ key in settings.contains { $0.key == key } }) else {
      throw RecipeError(path: path, problem: "model and arch exclude each other. Leave one.")
    }
    return settings
  }
}
