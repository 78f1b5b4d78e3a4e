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
      Writes report.json into the run's report/ directory and the figures to the console; of an \
      autoencoder also reconstructions.png.
      """
        + ProgramName.examples(
          "evaluate runs/mnist-fer-mnist-1",
          "evaluate runs/mnist-fer-mnist-1 --best --split validation"),
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
    help: "The folder to write; by default report/ in the run directory.",
    completion: .directory)
  var output: String?
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
  }

  func execute() throws -> ExitStatus {
    var execution = Configuration()
    if let threads { try execution.set("threads", to: threads) }
    Processors.setThreadCount(execution.threads)
    let trained = try TrainedModel.forCommand(source, best: best)
    let (images, indices) = try examples(of: trained)
    if let kernels { try execution.set("kernels", to: kernels) }
    if let convAlgorithm {
      try execution.set("conv-algorithm", to: convAlgorithm)
      Notice.tellIdleAlgorithm(for: trained.network)
      try execution.chooseConvolutionAlgorithms(of: trained.network)
    }
    let context = try Context(
      starting: Processors.threadCount, kernelSet: execution.kernelSet ?? .best)

    let folder = output ?? trained.reportFolder
    try OutputFile.createFolder(folder)
    if let problem = Configuration.evaluationProblem(of: trained.network, in: context) {
      throw Failure(.badData, "\(trained.path): \(problem). Free some memory.")
    }
    let evaluator = Evaluator(
      trained.network, loss: trained.configuration.loss, context: context)
    let outcome = try evaluator.evaluate(
      indices, of: images, normalization: trained.normalization)
    let report = EvaluationReport(outcome, of: trained)
    if outcome.predictions == nil {
      let shown = Array(indices.prefix(4 * ReconstructionSheet.columns))
      let sheet = ReconstructionSheet(
        originals: images.pixels(of: shown),
        reconstructions: evaluator.reconstruct(
          shown, of: images, normalization: trained.normalization),
        height: images.height, width: images.width, channels: images.channels)
      try OutputFile.write(
        try PNG.encode(sheet.raster), to: "\(folder)/reconstructions.png")
    }

    try OutputFile.write(Array(report.json.utf8), to: "\(folder)/report.json")
    if json {
      try StandardStream.output.write(report.json)
    } else {
      try StandardStream.output.write(
        "\(trained.path) on \(Format.count(indices.count)) \(split.rawValue) examples\n\n"
          + "\(report.text)\nwritten to \(folder)/report.json\n")
    }
    return .done
  }

  /// The images of the data set, and the indices of those to evaluate.
  private func examples(of trained: TrainedModel) throws -> (ImageSet, [Int]) {
    let name = dataset ?? trained.model.dataset
    let folder = dataDir ?? (name == trained.model.dataset ? trained.dataDirectory : nil)
    try DatasetDownloads.prepare(
      name, dataDirectory: folder, options: download,
      sampleWillDo: trained.isOfSample && name == trained.model.dataset)
    let data = try EvaluationData(
      of: trained, name: name, folder: folder, split: split,
      skippingUnreadable: skipUnreadable)
    if skipUnreadable, !data.leavesFilesOut {
      Notice.warning("--skip-unreadable changes nothing: every file can be read.")
    }
    for notice in data.notices { Notice.warning(notice) }
    return (data.images, data.indices)
  }
}

extension EvaluationSplit: ExpressibleByArgument {}
