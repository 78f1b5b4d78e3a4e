import ArgumentParser
import Terminal
import Training

/// `swift run sweep`: tries combinations of settings, judged on the validation split.
struct SweepCommand: Command {
  static let heedsSignals = true
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Train with combinations of settings, and find the best on the validation split.",
    discussion: """
      The file is a recipe in which a value may be a list, `lr: [0.01, 0.1]`, or a range to draw from, \
      `lr: loguniform(1e-3,1)`, uniform(a,b) or integer(a,b). Lists alone make a grid of all combinations; with \
      `runs: 20`, so many are drawn at random. The test split is never evaluated. The best recipe is written to \
      best.yaml.
      """
        + ProgramName.examples("sweep rates.yaml", "sweep rates.yaml --run-dir runs/rates"),
    version: RunEnvironment.version)

  @Argument(help: "The sweep's YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String
  @Option(
    parsing: .unconditional,
    help: "The directory to write or to go on with. (default: runs/<file>-sweep-<n>)",
    completion: .directory)
  var runDir: String?
  @Option(setting: "data-dir") var dataDir: String?
  @Option(setting: "threads") var threads: String?
  @Option(setting: "kernels") var kernels: String?
  @OptionGroup(title: "Downloads") var download: DownloadOptions
  @Option(help: "How to show progress: auto, bar, plain, dashboard or none.")
  var progress: ProgressDisplay.Mode = .auto

  func validate() throws {
    if runDir == "" {
      throw ValidationError("--run-dir: invalid value (found “”, expected a path).")
    }
  }

  func execute() throws -> ExitStatus { try World.run { try sweep() } }

  private func sweep() throws -> ExitStatus {
    let execution = [("data-dir", dataDir), ("threads", threads), ("kernels", kernels)]
      .compactMap { key, value in value.map { (key: key, value: $0) } }
    return try SettingSweep(
      try SweepFile(contentsOf: file), directory: runDir, execution: execution, download: download,
      progress: progress.onThisTerminal
    ).execute()
  }
}
