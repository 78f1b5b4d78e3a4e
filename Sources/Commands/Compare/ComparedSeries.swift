import Files
import Reports
import Training

/// One directory of `train --seeds` in a comparison.
struct ComparedSeries {
  let path: String
  let dataset: String
  /// The number of test examples, if the runs had `limit-test`.
  let testLimit: Int?
  let result: SeriesResult
  /// The files of the test split, each with its hash.
  let testFiles: [String]

  /// True if `path` is a directory of `train --seeds`.
  static func isSeries(_ path: String) -> Bool {
    OutputFile.exists("\(path)/summary.json") && !OutputFile.exists("\(path)/checkpoints")
  }

  init(_ path: String) throws {
    self.path = path
    let file = "\(path)/summary.json"
    func damaged(_ problem: String) -> Failure {
      Failure(
        .badData,
        "\(file): \(problem) (expected the summary of train --seeds). "
          + "Write it again by the same call of train --seeds.")
    }
    let bytes: [UInt8]
    do throws(InputFileProblem) { bytes = try InputFile.read(file, limit: 1 << 24) } catch {
      throw Failure(.badData, "\(file): \(error). Give the directory that train --seeds wrote.")
    }
    guard let summary = try? StrictJSON.parse(bytes[...]),
      case .array(let runs)? = summary["runs"], !runs.isEmpty
    else { throw damaged("no list of runs") }
    let seeds = try runs.map { run in
      guard let seed = SeedSummary.seed(in: run) else { throw damaged("a run without a seed") }
      var values: [SeriesFigure: Double] = [:]
      for figure in SeriesFigure.allCases {
        guard let value = run[figure.rawValue] else { continue }
        guard let number = value.asNumber, number.isFinite,
          !figure.isPercentage || (0...1).contains(number)
        else { throw damaged("seed \(seed): invalid \(figure.rawValue)") }
        values[figure] = number
      }
      return SeriesResult.Seed(seed: seed, values: values)
    }
    let settings = try Recipe(contentsOf: "\(path)/seed-\(seeds[0].seed)/config.yaml").settings
    dataset = settings.first { $0.key == "dataset" }?.value ?? "mnist"
    testLimit = settings.first { $0.key == "limit-test" }.flatMap { Int($0.value) }
    result = SeriesResult(
      name: path, seeds: seeds, settings: Self.resultSettings(settings),
      curves: seeds.compactMap { Self.curve(of: "\(path)/seed-\($0.seed)") })
    let data = seeds.compactMap { RecordedData(ofRun: "\(path)/seed-\($0.seed)") }
    for other in data where other.training != data[0].training || other.test != data[0].test {
      throw Failure(
        .badData,
        "\(path): its seeds were not trained on the same data (found \(data[0].directory) and "
          + "\(other.directory)). Train them again in another directory.")
    }
    testFiles = data.first?.test ?? []
  }

  /// The settings of a run that its result depends on, without the seed.
  private static func resultSettings(
    _ settings: [(key: String, value: String)]
  ) -> [(key: String, value: String)] {
    let known = settings.filter { Configuration.setting($0.key)?.changesResults ?? true }
    guard let configuration = try? Configuration(recipe: settings, flags: []) else {
      return known.filter { $0.key != "seed" }
    }
    return configuration.resultSettings.filter { $0.key != "seed" }
  }

  /// The epochs in a run's metrics; nil if there are none.
  private static func curve(of run: String) -> ComparisonPlot.Curve? {
    (try? InputFile.read("\(run)/metrics.jsonl", limit: 1 << 28)).map {
      MetricsHistory.epochs(in: $0).map(TrainingPlot.Point.init)
    }
  }
}
