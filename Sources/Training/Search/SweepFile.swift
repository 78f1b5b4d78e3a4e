import Datasets
import Files

/// A file that describes a sweep: a recipe in which values may be lists or ranges.
public struct SweepFile: Sendable {
  /// The values of one setting.
  enum Values: Equatable, Sendable {
    case fixed(String)
    case list([String])
    case range(SweepRange)
  }

  public let path: String
  public let bytes: [UInt8]
  /// The settings, in the file's order.
  let settings: [(key: String, values: Values)]
  /// The number of random runs; nil for a grid of all combinations.
  let runs: Int?

  /// The key of ``runs``.
  private static let runsKey = "runs"

  /// The settings that all runs of a sweep must share, so that their accuracies can be compared.
  static let shared: Set = [
    "dataset", "data-dir", "val-split", "seed", "overfit-batches", "image-size",
  ]

  /// Reads the file at `path`.
  public init(contentsOf path: String) throws(RecipeError) {
    do throws(InputFileProblem) {
      bytes = try InputFile.read(path, limit: Recipe.limit)
    } catch {
      throw RecipeError(path: path, problem: "\(error). Give the path of a YAML file.")
    }
    self.path = path
    (settings, runs) = try Self.read(bytes, path)
  }

  private static func read(
    _ bytes: [UInt8], _ path: String
  ) throws(RecipeError) -> ([(key: String, values: Values)], Int?) {
    func error(_ problem: String) -> RecipeError { RecipeError(path: path, problem: problem) }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw error("the file is not UTF-8 text. Save it as UTF-8.")
    }
    let mapping: YAMLMapping
    do throws(YAMLMappingError) { mapping = try YAMLMapping(bytes, allowsLists: true) } catch let
      problem
    {
      throw error(text(problem))
    }
    var settings: [(key: String, values: Values)] = []
    var runs: Int?
    var names: Set<String> = []
    let keys = Configuration.settings.map(\.key) + [runsKey, "about"]
    for (name, value) in mapping.items {
      guard names.insert(name).inserted else { throw error("“\(name)” stands twice. Leave one.") }
      guard keys.contains(name) else {
        let nearest = NearestName.hint(name, among: keys)
        throw error(
          "there is no setting “\(name)”\(nearest) "
            + "(expected some of \(keys.joined(separator: ", "))).")
      }
      if name == runsKey {
        guard case .scalar(let scalar) = value else {
          throw error("runs: invalid value (found a list, expected \(Self.runsForm)).")
        }
        guard let count = Int(scalar.text), (1...SweepPlan.mostRuns).contains(count) else {
          throw error("runs: invalid value (found “\(scalar.text)”, expected \(Self.runsForm)).")
        }
        runs = count
      } else if name != "about", let values = try values(name, value, error) {
        settings.append((name, values))
      }
    }
    guard settings.contains(where: { $0.values.varies }) else {
      throw error(
        "no setting varies (expected a list such as “lr: [0.01, 0.1]”, "
          + "or a range such as “lr: loguniform(1e-3,1)”). Train with it by train --recipe.")
    }
    let ranges = settings.filter { if case .range = $0.values { true } else { false } }
    if runs == nil, let range = ranges.first {
      throw error(
        "\(range.key): values of a range are drawn at random. Add the number of runs, “runs: 20”.")
    }
    return (settings, runs)
  }

  private static let runsForm = "a whole number from 1 to \(SweepPlan.mostRuns)"

  private static func values(
    _ name: String, _ value: YAMLMapping.Value, _ error: (String) -> RecipeError
  ) throws(RecipeError) -> Values? {
    let values: Values
    switch value {
    case .scalar(let scalar):
      // Null leaves the setting unset.
      guard let text = scalar.value else { return nil }
      if !SweepRange.isMeant(by: text) { return .fixed(text) }
      guard let range = SweepRange(text) else {
        throw error("\(name): invalid range (found “\(text)”, expected \(SweepRange.forms)).")
      }
      values = .range(range)
    case .list(let scalars):
      let texts = scalars.compactMap(\.value)
      guard texts.count == scalars.count, !texts.isEmpty, Set(texts).count == texts.count else {
        let found = scalars.map(\.text).joined(separator: ", ")
        throw error(
          "\(name): invalid list (found [\(found)], expected different values, at least one).")
      }
      values = texts.count == 1 ? .fixed(texts[0]) : .list(texts)
    }
    guard values.varies else { return values }
    let changesResults = Configuration.setting(name)?.changesResults ?? false
    guard !shared.contains(name), changesResults || name == "max-steps" || name == "init" else {
      throw error("\(name): all runs of a sweep share it (expected one value). Leave one.")
    }
    return values
  }

  private static func text(_ error: YAMLMappingError) -> String {
    switch error {
    case .syntax(let problem): "the file is not YAML (\(problem)). Write `name: value`."
    case .notMapping: "the file is no mapping of settings. Write lines `name: value`."
    case .notScalar(let key):
      "“\(key ?? "?")” has no plain value or list of them. Write `name: value` or `name: [a, b]`."
    }
  }
}

extension SweepFile.Values {
  var varies: Bool { if case .fixed = self { false } else { true } }
}
