import ArgumentParser
import Files
import Reports
import Tensors
import Terminal
import Training

/// `swift run compare`: tells whether two results differ by more than chance.
struct CompareCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Tell whether two runs, or two sets of seeds, differ by more than chance.",
    discussion: """
      Two runs or checkpoints are tested on the same test split, and compared by McNemar's exact test. Two \
      directories of `train --seeds` are compared by Welch's t test of their mean accuracies. The training \
      curves of both are drawn in one SVG file.
      """
        + ProgramName.examples(
          "compare runs/a runs/b", "compare runs/a-seeds runs/b-seeds --output a-b.svg"),
    version: RunEnvironment.version)

  @Argument(
    help: "Two run directories or checkpoint files, or two directories of train --seeds.",
    completion: .file())
  var sources: [String]
  @Option(
    help: "The file of the curves. (default: <A>-vs-<B>.svg beside A)",
    completion: .file(extensions: ["svg"]))
  var output: String?
  @Option(setting: "data-dir") var dataDir: String?
  @OptionGroup(title: "Downloads") var download: DownloadOptions
  @Option(setting: "threads") var threads: String?
  @Flag(help: "Write the comparison as JSON to standard output instead of text.")
  var json = false

  func validate() throws {
    guard sources.count == 2 else {
      throw ValidationError(
        "compare: two results are compared (found \(sources.count), expected 2).")
    }
    if output == "" {
      throw ValidationError("--output: invalid value (found “”, expected a path).")
    }
  }

  func execute() throws -> ExitStatus {
    if let output, OutputFile.exists(output) { throw OutputFileError.exists(path: output) }
    let areSeries = sources.map(ComparedSeries.isSeries)
    guard areSeries[0] == areSeries[1] else {
      let (series, run) = areSeries[0] ? (sources[0], sources[1]) : (sources[1], sources[0])
      throw Failure(
        .usage,
        "\(run): a run cannot be compared with the seeds of \(series) "
          + "(expected two runs, or two directories of train --seeds). "
          + "Give one of its runs, such as \(series)/seed-1.")
    }
    let (text, json, curves) = try areSeries[0] ? compareSeries() : compareRuns()
    let path = try draw(curves)
    if self.json {
      var members = json
      members.append(.init("curves", path.map { .string($0) } ?? .null))
      try StandardStream.output.write(CanonicalJSON.object(members).indentedText)
    } else {
      try StandardStream.output.write(
        text + (path.map { "the curves of both are drawn in \($0)\n" } ?? ""))
    }
    return .done
  }

  private typealias Comparison = (
    text: String, json: [CanonicalJSON.Member], curves: [ComparisonPlot.Curve]
  )

  private func compareSeries() throws -> Comparison {
    for (flag, isGiven) in [
      ("--data-dir", dataDir != nil), ("--threads", threads != nil),
      ("--mirror", download.mirror != nil), ("--no-download", download.noDownload),
    ] where isGiven {
      Notice.warning("\(flag) changes nothing: the results of the seeds are on the disk.")
    }
    let series = try sources.map(ComparedSeries.init)
    let comparison = try SeriesComparison(series[0], series[1])
    return (comparison.text, comparison.json, series.map(\.curve))
  }

  private func compareRuns() throws -> Comparison {
    var execution = Configuration()
    if let threads { try execution.set("threads", to: threads) }
    Processors.setThreadCount(execution.threads)
    let models = try sources.map { source in
      let trained = try TrainedModel(source, best: false)
      for warning in trained.warnings { Notice.warning(warning) }
      return trained
    }
    try ComparedRun.checkDataset(models[0], models[1])
    let context = try Context(starting: Processors.threadCount, kernelSet: .best)
    let first = try ComparedRun(
      sources[0], models[0], dataDirectory: dataDir, download: download, in: context)
    let second = try ComparedRun(
      sources[1], models[1], dataDirectory: dataDir, download: download, in: context)
    let comparison = try RunComparison(first, second)
    return (comparison.text, comparison.json, [first.curve, second.curve])
  }

  /// Draws the curves of both.
  ///
  /// - Returns: the path of the file; nil if neither has metrics.
  private func draw(_ curves: [ComparisonPlot.Curve]) throws -> String? {
    guard curves.contains(where: { !$0.isEmpty }) else {
      let given = output == nil ? "" : "--output changes nothing: "
      Notice.warning("\(given)no curves are drawn, as neither has the metrics of an epoch.")
      return nil
    }
    let plot = ComparisonPlot(
      title: "A: \(sources[0]), B: \(sources[1])", first: curves[0], second: curves[1])
    let bytes = Array(plot.svg.utf8)
    if let output {
      try OutputFile.writeNew(bytes, to: output)
      return output
    }
    func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
    func name(_ path: String) -> String {
      let name = parts(path).last.map(String.init) ?? "run"
      let suffix = ".safetensors"
      return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    }
    let parent = parts(sources[0]).dropLast().joined(separator: "/")
    let folder = (sources[0].hasPrefix("/") ? "/" : "") + (parent.isEmpty ? "" : parent + "/")
    return try FreshFile.write(
      bytes, "\(folder)\(name(sources[0]))-vs-\(name(sources[1]))", suffix: "svg")
  }
}
