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
    abstract: "Tell whether runs, or two sets of seeds, differ by more than chance.",
    discussion: """
      Runs or checkpoints are tested on the same test split, and the first is compared with each other one by \
      McNemar's exact test. Directories of `train --seeds` are compared in the same way by Welch's t test of their \
      mean accuracies. A page shows all side by side. The training curves are drawn in one SVG file.
      """
        + ProgramName.examples(
          "compare runs/a runs/b", "compare runs/a-seeds runs/b-seeds --plot a-b.svg"),
    version: RunEnvironment.version)

  @Argument(
    help: """
      Two to six run directories or checkpoint files, or two to six directories of train --seeds.
      """,
    completion: .file())
  var sources: [String]
  @Option(
    help: "The file of the curves. (default: <A>-vs-<B>.svg beside A)",
    completion: .file(extensions: ["svg"]))
  var plot: String?
  @Option(
    help: "The file of the page. (default: <A>-vs-<B>.html beside A)",
    completion: .file(extensions: ["html"]))
  var page: String?
  @Option(setting: "data-dir") var dataDir: String?
  @Flag(setting: "skip-unreadable") var skipUnreadable = false
  @OptionGroup(title: "Downloads") var download: DownloadOptions
  @Option(setting: "threads") var threads: String?
  @Flag(help: "Write the comparison as JSON to standard output instead of text.")
  var json = false

  func validate() throws {
    guard (2...ComparisonPlot.most).contains(sources.count) else {
      throw ValidationError(
        "compare: two results or more are compared (found \(sources.count), expected 2 to "
          + "\(ComparisonPlot.most)).")
    }
    for (flag, path) in [("--plot", plot), ("--page", page)] where path == "" {
      throw ValidationError("\(flag): invalid value (found “”, expected a path).")
    }
    if let plot, plot == page {
      throw ValidationError(
        "--plot and --page: two files are written (found “\(plot)” twice, expected two paths).")
    }
  }

  func execute() throws -> ExitStatus {
    for path in [plot, page].compactMap({ $0 }) where OutputFile.exists(path) {
      throw OutputFileError.exists(path: path)
    }
    let areSeries = sources.map(ComparedSeries.isSeries)
    if let series = areSeries.firstIndex(of: true), let run = areSeries.firstIndex(of: false) {
      throw Failure(
        .usage,
        "\(sources[run]): a run cannot be compared with the seeds of \(sources[series]) "
          + "(expected runs, or directories of train --seeds). "
          + "Give one of its runs, such as \(sources[series])/seed-1.")
    }
    let comparison = try areSeries[0] ? compareSeries() : compareRuns()
    let pagePath = try write(comparison.page, to: page, suffix: "html")
    let plotPath = try draw(comparison.plot)
    if json {
      var members = comparison.json
      members.append(.init("curves", plotPath.map { .string($0) } ?? .null))
      members.append(.init("page", .string(pagePath)))
      try StandardStream.output.write(CanonicalJSON.object(members).indentedText)
    } else {
      let all = sources.count == 2 ? "both" : "all"
      try StandardStream.output.write(
        comparison.text + "\(all) are side by side in \(pagePath)\n"
          + (plotPath.map { "the curves of \(all) are drawn in \($0)\n" } ?? ""))
    }
    return .done
  }

  private typealias Comparison = (
    text: String, json: [CanonicalJSON.Member],
    /// Nil if there are no metrics.
    plot: ComparisonPlot?, page: String
  )

  /// The title of the plot.
  private var names: String {
    sources.enumerated().map { "\(ComparisonPlot.letter($0)): \($1)" }.joined(separator: ", ")
  }

  private func compareSeries() throws -> Comparison {
    for (flag, isGiven) in [
      ("--data-dir", dataDir != nil), ("--threads", threads != nil),
      ("--mirror", download.mirror != nil), ("--no-download", download.noDownload),
      ("--skip-unreadable", skipUnreadable),
    ] where isGiven {
      Notice.warning("\(flag) changes nothing: only the results of the seeds are compared.")
    }
    let comparison = try SeriesComparison(try sources.map(ComparedSeries.init))
    return (
      comparison.text, comparison.json,
      comparison.hasCurves ? comparison.plot(title: names) : nil, comparison.page.text
    )
  }

  private func compareRuns() throws -> Comparison {
    try Configuration.forExecution(threads: threads)
    let models = try sources.map { source in
      let trained = try TrainedModel(source, best: false)
      for warning in trained.warnings { Notice.warning(warning) }
      return trained
    }
    for model in models.dropFirst() { try ComparedRun.checkDataset(models[0], model) }
    let context = try Context(starting: Processors.threadCount, kernelSet: .best)
    let runs = try zip(sources, models).map { source, model in
      try ComparedRun(
        source, model, dataDirectory: dataDir, skipUnreadable: skipUnreadable, download: download,
        in: context)
    }
    Notice.tellIdleSkipping(skipUnreadable, runs.map(\.data))
    let comparison = try RunComparison(runs)
    let curves = runs.map(\.curve)
    let hasCurves = curves.contains { !$0.isEmpty }
    return (
      comparison.text, comparison.json,
      hasCurves ? ComparisonPlot(title: names, curves) : nil, try comparison.page.text()
    )
  }

  /// Draws the curves of all.
  ///
  /// - Returns: the path of the file; nil if none has metrics.
  private func draw(_ curves: ComparisonPlot?) throws -> String? {
    guard let curves else {
      let given = plot == nil ? "" : "--plot changes nothing: "
      let none = sources.count == 2 ? "neither" : "none"
      Notice.warning("\(given)no curves are drawn, as \(none) has the metrics of an epoch.")
      return nil
    }
    return try write(curves.svg, to: plot, suffix: "svg")
  }

  /// Writes a new file at `path`, or beside the first source.
  private func write(_ text: String, to path: String?, suffix: String) throws -> String {
    let bytes = Array(text.utf8)
    if let path {
      try OutputFile.writeNew(bytes, to: path)
      return path
    }
    func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
    func name(_ path: String) -> String {
      let name = parts(path).last.map(String.init) ?? "run"
      let suffix = ".safetensors"
      return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    }
    let parent = parts(sources[0]).dropLast().joined(separator: "/")
    let folder = (sources[0].hasPrefix("/") ? "/" : "") + (parent.isEmpty ? "" : parent + "/")
    let rest = sources.count > 2 ? "-and-\(sources.count - 2)-more" : ""
    return try FreshFile.write(
      bytes, "\(folder)\(name(sources[0]))-vs-\(name(sources[1]))\(rest)", suffix: suffix)
  }
}
