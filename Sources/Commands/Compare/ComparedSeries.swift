import Files
import Reports
import Training

/// One directory of `train --seeds` in a comparison.
struct ComparedSeries {
  let path: String
  let seeds: [UInt64]
  let dataset: String
  /// The number of test examples, if the runs had `limit-test`.
  let testLimit: Int?
  /// The values of a figure for all seeds, by its key in `summary.json`.
  private let values: [String: [Double]]
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
    seeds = runs.compactMap { SeedSummary.seed(in: $0) }
    guard seeds.count == runs.count else { throw damaged("a run without a seed") }
    var values: [String: [Double]] = [:]
    for key in ["accuracy", "single_view_accuracy", "loss"] {
      let found = runs.compactMap { $0[key]?.asNumber }
      if found.count == runs.count { values[key] = found }
    }
    self.values = values
    let settings = try Recipe(contentsOf: "\(path)/seed-\(seeds[0])/config.yaml").settings
    dataset = settings.first { $0.key == "dataset" }?.value ?? "mnist"
    testLimit = settings.first { $0.key == "limit-test" }.flatMap { Int($0.value) }
    testFiles = Self.testFiles(of: "\(path)/seed-\(seeds[0])")
  }

  /// The hashes of the test files in a run's `environment.json`; empty if there is none.
  private static func testFiles(of run: String) -> [String] {
    guard let bytes = try? InputFile.read("\(run)/environment.json", limit: 1 << 26),
      let value = try? StrictJSON.parse(bytes[...]),
      case .array(let files)? = value["data"]?["test_files"]
    else { return [] }
    return files.compactMap { file in
      if case .string(let hash)? = file["sha256"] { hash } else { nil }
    }
  }

  /// The statistics of a figure; nil if a seed lacks it.
  func statistics(_ key: String) -> SampleStatistics? { values[key].map { SampleStatistics($0) } }

  /// The mean curve of the seeds.
  var curve: ComparisonPlot.Curve {
    TrainingPlot.Point.mean(
      of: seeds.compactMap { seed in
        (try? InputFile.read("\(path)/seed-\(seed)/metrics.jsonl", limit: 1 << 28)).map {
          MetricsHistory.epochs(in: $0).map(TrainingPlot.Point.init)
        }
      })
  }
}
