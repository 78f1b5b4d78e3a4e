import Datasets
import Tensors

/// The runs of a sweep: a pure function of its file.
public struct SweepPlan: Sendable {
  public typealias Settings = [(key: String, value: String)]

  /// The settings that all runs share.
  public let fixed: Settings
  /// The keys of the other settings.
  public let variedKeys: [String]
  /// The values of the varied settings, by run.
  public let runs: [Settings]
  private let order: [String]

  /// The greatest number of runs.
  static let mostRuns = 10_000

  /// Lists all combinations, or draws as many runs as the file says.
  ///
  /// Without a range, the runs are drawn from the grid without repetition. With one, each run is a
  /// function of the seed and its number, so more runs do not change the first ones.
  ///
  /// - Throws: ``RecipeError`` for more runs than there are combinations, or than 10,000.
  public init(_ file: SweepFile) throws(RecipeError) {
    order = file.settings.map(\.key)
    fixed = file.settings.compactMap { key, values in
      if case .fixed(let value) = values { (key, value) } else { nil }
    }
    let varied = file.settings.filter { $0.values.varies }
    variedKeys = varied.map(\.key)
    let seed = fixed.first { $0.key == "seed" }.flatMap { UInt64($0.value) } ?? Configuration().seed
    let lists = varied.compactMap { key, values -> (key: String, values: [String])? in
      if case .list(let values) = values { (key, values) } else { nil }
    }
    if lists.count < varied.count {
      runs = (0..<(file.runs ?? 0)).map { number in
        var random = Random(seed: seed, domain: .sweep, index: number)
        return varied.map { key, values in
          switch values {
          case .fixed(let value): (key, value)
          case .list(let values): (key, values[random.integer(below: values.count)])
          case .range(let range): (key, range.draw(&random))
          }
        }
      }
      return
    }
    var size = 1
    for (_, values) in lists {
      let (product, overflow) = size.multipliedReportingOverflow(by: values.count)
      size = overflow ? Int.max : product
    }
    let count = file.runs ?? size
    guard count <= size else {
      throw RecipeError(
        path: file.path,
        problem: "runs: there are fewer combinations (found \(count), expected at most \(size)).")
    }
    guard count <= Self.mostRuns, size <= Int(UInt32.max) else {
      throw RecipeError(
        path: file.path,
        problem: "the lists have too many combinations (found \(size), expected at most "
          + "\(Self.mostRuns)). Draw some of them at random, “runs: 20”.")
    }
    runs = Self.places(count, of: size, draws: file.runs != nil, seed: seed).map { place in
      Self.combination(place, of: lists)
    }
  }

  /// The places in the grid, in order, or drawn without repetition.
  private static func places(_ count: Int, of size: Int, draws: Bool, seed: UInt64) -> [Int] {
    guard draws else { return Array(0..<count) }
    var random = Random(seed: seed, domain: .sweep)
    var places: [Int] = []
    var taken: Set<Int> = []
    while places.count < count {
      let place = random.integer(below: size)
      if taken.insert(place).inserted { places.append(place) }
    }
    return places
  }

  /// The combination at `place` of the grid, in which the last key changes fastest.
  private static func combination(
    _ place: Int, of lists: [(key: String, values: [String])]
  ) -> Settings {
    var rest = place
    var settings: Settings = []
    for (key, values) in lists.reversed() {
      settings.append((key, values[rest % values.count]))
      rest /= values.count
    }
    return settings.reversed()
  }

  /// The YAML recipe of a run, with the settings in the file's order, but for those that the run's
  /// optimizer does not read.
  ///
  /// - `data`: the settings of the data that a command line replaced.
  /// - `comment`: a line for the top of the file.
  public func recipe(
    ofRun number: Int, data: Settings = [], comment: String
  ) throws(SettingError) -> String {
    let configuration = try Configuration(recipe: fixed, flags: runs[number])
    let values = Dictionary(
      (fixed + runs[number] + data).map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    let keys = order + data.map(\.key).filter { !order.contains($0) }
    let lines = keys.compactMap { key -> String? in
      guard let value = values[key],
        configuration.reads(key) || !Optimizers.ownSettings.contains(key)
      else { return nil }
      return "\(key): \(Configuration.scalar(value))"
    }
    return (["# \(comment)"] + lines).joined(separator: "\n") + "\n"
  }
}
