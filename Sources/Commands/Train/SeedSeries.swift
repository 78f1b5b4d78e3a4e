import Datasets
import Files
import Terminal
import Training

/// Runs that differ by their seed only, each in its own directory `seed-<n>` of one directory.
///
/// The same call goes on with a series that was stopped: finished runs stay, an unfinished one is
/// resumed.
struct SeedSeries {
  private let seeds: SeedList
  private let directory: String
  /// The settings of the command line, without a seed.
  private let given: [(key: String, value: String)]
  private let recipe: Recipe?
  /// The settings of a run that is there already. A further run starts from them, and the command need not repeat them.
  private let earlier: Recipe?
  private let download: DownloadOptions
  private let progress: ProgressDisplay.Mode

  /// - `directory`: nil for the first `runs/<dataset>-<model>-seeds-<n>` that is free.
  /// - Throws: `Failure` for a directory that holds something else than such runs.
  init(
    seeds: SeedList, directory: String?, given: [(key: String, value: String)], recipe: Recipe?,
    download: DownloadOptions, progress: ProgressDisplay.Mode
  ) throws {
    self.seeds = seeds
    self.given = given
    self.recipe = recipe
    self.download = download
    self.progress = World.isFirst ? progress : .none
    // Errors in the settings are found before a directory is made.
    earlier = try directory.flatMap(Self.settings(ofRunIn:))
    let asked = try Configuration(
      recipe: (recipe ?? earlier)?.settings ?? [], flags: given)
    guard asked.overfitBatches == nil else {
      throw Failure(
        .usage,
        "--overfit-batches: the runs of --seeds are tested (expected one or the other). "
          + "Leave one out.")
    }
    self.directory = try World.tell { try Self.makeDirectory(directory, asked) }
  }

  /// The settings of a run of the series in `directory`; nil if there is none.
  private static func settings(ofRunIn directory: String) throws -> Recipe? {
    let paths = runs(in: directory).map { "\(directory)/\($0)/config.yaml" }
    return try paths.first(where: OutputFile.exists).map { try Recipe(contentsOf: $0) }
  }

  private static func makeDirectory(
    _ directory: String?, _ asked: Configuration
  ) throws -> String {
    if let directory {
      let names = (try? OutputFile.names(in: directory)) ?? []
      let others = names.filter { ![".", ".."].contains($0) }
      guard others.isEmpty || others.contains(where: { $0.hasPrefix("seed-") }) else {
        throw Failure(
          .usage,
          "\(directory): the directory is not empty (expected a new or an empty one, or one of --seeds). "
            + "Choose another --run-dir.")
      }
      try OutputFile.createFolder(directory)
      return directory
    }
    return try RunDirectory.makeNumbered(
      "\(asked.dataset)-\(asked.network?.name ?? "model")-seeds")
  }

  /// The result of one seed.
  struct Result {
    let seed: UInt64
    let test: TestRecord
    /// The time of the run in seconds: loading, training and test.
    let seconds: Double
  }

  /// Runs all seeds, and writes `summary.json` after each: with them, the finished runs of other seeds in the directory.
  /// Several processes take the seeds in turn, and the first one writes the summary at the end.
  func execute() throws -> ExitStatus {
    var results: [Result] = []
    let known = knownSeconds()
    var status = ExitStatus.done
    // Runs with other settings are found before the first run starts.
    for run in Self.runs(in: directory) where OutputFile.exists("\(directory)/\(run)/config.yaml") {
      try check(try Recipe(contentsOf: "\(directory)/\(run)/config.yaml"))
    }
    let others = otherResults(known)
    for (number, seed) in seeds.seeds.enumerated() where World.takes(number) {
      try RunOutput().write("seed \(seed) (\(number + 1) of \(seeds.seeds.count))\n")
      // The epochs of a run that was stopped count, too.
      let earlier = known[seed] ?? TimingHistory.seconds(ofRun: path(of: seed))
      let clock = ContinuousClock()
      let start = clock.now
      if testRecord(of: seed) == nil {
        status = try session(seed).execute()
        guard status == .done else { break }
      } else {
        try RunOutput().write("finished before: \(path(of: seed))\n")
      }
      guard let test = testRecord(of: seed) else {
        throw Failure(.cannotWrite, "\(path(of: seed)): the run's test result was not written.")
      }
      let seconds = earlier + (clock.now - start) / .seconds(1)
      results.append(Result(seed: seed, test: test, seconds: seconds))
      if World.group == nil { try write(summary(results + others)) }
      if !World.isFirst { try RunOutput().write("seed \(seed) is finished\n", fromAll: true) }
      try RunOutput().write("\n")
    }
    let all = World.collect(SeedReport(results).encoded, status)
    guard all.status == .done else { return all.status }
    guard World.isFirst else { return .done }
    if World.group != nil {
      results = try all.reports.flatMap { try SeedReport($0).results }
      try write(summary(results + others))
    }
    let summary = summary(results + others)
    try RunOutput().write("\(summary.text)\nwritten to \(directory)/summary.json\n")
    return .done
  }

  /// The results of finished runs of the directory whose seeds this call does not ask for.
  private func otherResults(_ seconds: [UInt64: Double]) -> [Result] {
    Self.runs(in: directory).compactMap { name in
      guard let seed = UInt64(name.dropFirst("seed-".count)), path(of: seed).hasSuffix("/\(name)"),
        !seeds.seeds.contains(seed), let test = testRecord(of: seed)
      else { return nil }
      return Result(
        seed: seed, test: test,
        seconds: seconds[seed] ?? TimingHistory.seconds(ofRun: path(of: seed)))
    }
  }

  private func summary(_ results: [Result]) -> SeedSummary {
    SeedSummary(results.sorted { $0.seed < $1.seed }, claim: claim)
  }

  private func write(_ summary: SeedSummary) throws {
    try OutputFile.write(
      Array(summary.json.indentedText.utf8), to: "\(directory)/summary.json")
  }

  private func path(of seed: UInt64) -> String { "\(directory)/seed-\(seed)" }

  /// What the recipe promises, unless a flag changes a setting that results depend on, or the runs
  /// are on the sample.
  private var claim: RecipeClaim? {
    guard let recipe, given.allSatisfy({ Configuration.setting($0.key)?.changesResults == false }),
      let first = seeds.seeds.first,
      let trained = try? TrainedModel(path(of: first), best: false), !trained.isOfSample
    else { return nil }
    return recipe.claim
  }

  private func session(_ seed: UInt64) throws -> TrainingSession {
    let path = path(of: seed)
    let checkpoints = (try? OutputFile.names(in: "\(path)/checkpoints")) ?? []
    let isBegun = checkpoints.contains { $0.hasSuffix(".safetensors") }
    return try TrainingSession.goingOn(
      in: path, given: given + [(key: "seed", value: "\(seed)")],
      recipe: recipe ?? (isBegun ? nil : earlier), download: download, progress: progress,
      check: {
        try RecordedData.check(runsIn: directory, named: "seed-", train: $0, test: $1)
      })
  }

  /// The names of the directories of runs, sorted.
  private static func runs(in directory: String) -> [String] {
    let names = (try? OutputFile.names(in: directory)) ?? []
    return names.filter { $0.hasPrefix("seed-") }.sorted()
  }

  private func overrides(_ key: String) -> Bool {
    key == "seed" || key == "init" || key == "init-layout" || given.contains { $0.key == key }
  }

  /// The test result of a finished run.
  private func testRecord(of seed: UInt64) -> TestRecord? {
    (try? InputFile.read("\(path(of: seed))/metrics.jsonl", limit: 1 << 28))
      .flatMap(TestRecord.init(inMetrics:))
  }

  /// - Throws: `Failure` if the run of these settings had others than the command and its recipe ask for.
  private func check(_ settings: Recipe) throws {
    var before = Configuration()
    for (key, value) in settings.settings { try before.set(key, to: value) }
    var now = before
    for (key, value) in (recipe?.settings ?? []).filter({ !overrides($0.key) }) + given {
      try now.set(key, to: value)
    }
    let differences = now.differencesInSeries(from: before)
    guard differences.isEmpty else {
      throw Failure(
        .usage,
        "\(settings.path.dropLast("/config.yaml".count)): the run had other settings "
          + "(\(differences.joined(separator: "; "))). Choose another --run-dir.")
    }
  }

  /// The seconds of the runs in an earlier `summary.json`.
  private func knownSeconds() -> [UInt64: Double] {
    guard let bytes = try? InputFile.read("\(directory)/summary.json", limit: 1 << 24),
      case .array(let runs)? = (try? StrictJSON.parse(bytes[...]))?["runs"]
    else { return [:] }
    var known: [UInt64: Double] = [:]
    for run in runs {
      guard let seed = SeedSummary.seed(in: run), let seconds = run["seconds"]?.asNumber else {
        continue
      }
      known[seed] = seconds
    }
    return known
  }
}
