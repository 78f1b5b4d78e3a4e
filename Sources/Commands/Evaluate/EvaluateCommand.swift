import ArgumentParser
import Checkpoints
import Datasets
import Files
import Layers
import Reports
import Tensors
import Terminal
import Training

/// `swift run evaluate`: reports the quality of a trained network.
struct EvaluateCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Report how well a trained network classifies, or gives back its input.",
    discussion: """
      Writes the figures to the console, and a report into the run's report/ directory: report.html, a page \
      with everything, report.md, report.json, pictures as PNG, and predictions.csv. A report that was changed \
      since is not replaced.
      """
        + ProgramName.examples(
          "evaluate runs/mnist-fer-mnist-1",
          "evaluate runs/mnist-fer-mnist-1 --best --split validation --tta mirror"),
    version: RunEnvironment.version)

  @Argument(
    help: "A run directory, whose newest checkpoint is taken, or a checkpoint file.",
    completion: .file())
  var source: String
  @Flag(help: "Take the run's best checkpoint by validation instead of the newest.")
  var best = false
  @Option(
    help: "A data set other than the one it was trained on.", completion: .list(Dataset.names))
  var dataset: String?
  @Option(setting: "data-dir") var dataDir: String?
  @Flag(setting: "skip-unreadable") var skipUnreadable = false
  @OptionGroup(title: "Downloads") var download: DownloadOptions
  @Option(help: "The examples: test, validation or train.")
  var split = EvaluationSplit.test
  @Option(
    help: ArgumentHelp(
      "Views whose outputs are averaged: none, mirror or mirror-shift. (default: the run's)",
      valueName: "views"),
    completion: .list(TestTimeAugmentation.allCases.map(\.rawValue)))
  var tta: TestTimeAugmentation?
  @Option(
    help: "The folder to write; by default report/ in the run directory, or report-<split>/.",
    completion: .directory)
  var output: String?
  @Flag(help: "Write no files, only the figures.")
  var noReport = false
  @Option(setting: "threads") var threads: String?
  @Option(setting: "kernels") var kernels: String?
  @Option(
    help: ArgumentHelp(
      "How convolutions are computed, if not as in training: \(ConvolutionChoice.forms).",
      valueName: "choice"))
  var convAlgorithm: String?
  @Flag(help: "Write the report as JSON to standard output instead of text.")
  var json = false

  func validate() throws {
    try OutputFolder.check(output)
    if noReport, output != nil {
      throw ValidationError("--no-report writes no files: leave --output or --no-report out.")
    }
  }

  func execute() throws -> ExitStatus {
    var execution = try Configuration.forExecution(threads: threads)
    let trained = try TrainedModel.forCommand(source, best: best)
    let data = try EvaluationData.forCommand(
      trained, dataset: dataset, dataDir: dataDir, split: split, skipUnreadable: skipUnreadable,
      download: download)
    Notice.tellIdleSkipping(skipUnreadable, [data])
    let views = try views(of: trained, on: data)
    if let kernels { try execution.set("kernels", to: kernels) }
    if let convAlgorithm {
      // All else is as in the training, such as the batch that the algorithms are chosen for.
      var configuration = trained.configuration
      try configuration.set("conv-algorithm", to: convAlgorithm)
      Notice.tellIdleAlgorithm(for: trained.network)
      try configuration.chooseConvolutionAlgorithms(of: trained.network)
    }
    let context = try Context(
      starting: Processors.threadCount, kernelSet: execution.kernelSet ?? .best)

    // A folder that cannot be written is told before the evaluation.
    let folder = noReport ? nil : try folder(for: trained)
    if let folder { try OutputFile.createFolder(folder.path) }
    try trained.checkEvaluationMemory(in: context)
    let evaluator = Evaluator(
      trained.network, loss: trained.configuration.loss, testTimeAugmentation: views,
      context: context)
    let outcome = try evaluator.evaluate(
      data.indices, of: data.images, normalization: trained.normalization, keepingLogits: true)
    try show(
      EvaluationReport(trained, on: data, evaluator: evaluator, views: views, outcome), of: trained,
      in: folder)
    return .done
  }

  /// Writes the report's files and shows its figures.
  private func show(
    _ report: EvaluationReport, of trained: TrainedModel, in folder: ReportFolder?
  ) throws {
    let written = try folder?.write(report)
    guard !json else {
      let text = CanonicalJSON.object(report.jsonMembers).text + "\n"
      try StandardStream.output.write(written.map { String(decoding: $0, as: UTF8.self) } ?? text)
      return
    }
    let examples = Format.counted(report.count, "\(split.rawValue) example")
    try StandardStream.output.write(
      "\(trained.path) on \(examples)\n\n"
        + report.consoleText(width: StandardStream.output.columns ?? 100)
        + (folder.map { "\nthe report is \($0.path)/report.html\n" } ?? ""))
  }

  /// The folder to write: the one of `--output`, in which nothing else may be replaced, or that of the run,
  /// with a number if its report was changed.
  private func folder(for trained: TrainedModel) throws -> ReportFolder {
    if let output {
      let folder = ReportFolder(output)
      if let foreign = folder.foreignFile { throw OutputFileError.exists(path: foreign) }
      return folder
    }
    let (folder, foreign) = ReportFolder.free(trained.reportFolder(split))
    if let foreign {
      Notice.warning(
        "\(foreign): not as evaluate wrote it, so it stays. The new report is in \(folder.path).")
    }
    return folder
  }

  /// The views of each image: those of `--tta`, or the run's own.
  private func views(
    of trained: TrainedModel, on data: EvaluationData
  ) throws -> TestTimeAugmentation {
    guard let tta else { return trained.configuration.testTimeAugmentation }
    var configuration = trained.configuration
    configuration.testTimeAugmentation = tta
    try configuration.checkViews(
      of: trained.network, height: data.images.height, width: data.images.width)
    return tta
  }
}

extension EvaluationSplit: ExpressibleByArgument {}
extension TestTimeAugmentation: ExpressibleByArgument {}
