import ArgumentParser
import CommandSupport
import Datasets
import Files
import Layers
import Reports
import Tensors
import Terminal
import Training

/// `swift run evaluate`: tells how good a trained network is.
@main
struct Evaluate: Command {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Report how well a trained network classifies, or gives back its input.",
    discussion: """
      Writes report.json into the run's report/ directory and the figures to the console; of an \
      autoencoder also reconstructions.png.
      """,
    version: RunEnvironment.version)

  @Argument(help: "A run directory, whose newest checkpoint is taken, or a checkpoint file.")
  var source: String
  @Flag(help: "Take the run's best checkpoint by validation instead of the newest.")
  var best = false
  @Option(help: "A data set other than the one it was trained on.")
  var dataset: String?
  @Option(help: "The only folder in which to look for the data set's files.")
  var dataDir: String?
  @OptionGroup var download: DownloadOptions
  @Option(help: "The examples: test, validation or train.")
  var split = EvaluationSplit.test
  @Option(help: "The folder for report.json; by default report/ in the run directory.")
  var output: String?
  @Option(help: "Threads; results do not depend on it.")
  var threads: String?
  @Option(help: "Kernels: avx512, avx2, neon or portable; results do not depend on it.")
  var kernels: String?
  @Option(
    help: ArgumentHelp(
      "How convolutions are computed, if not as in training: \(ConvolutionChoice.forms).",
      valueName: "choice"))
  var convAlgorithm: String?
  @Flag(help: "Write the report as JSON to standard output instead of text.")
  var json = false

  func validate() throws {
    if output == "" {
      throw ValidationError("--output: invalid value (found “”, expected a path).")
    }
  }

  func execute() throws -> ExitStatus {
    let trained = try TrainedModel(source, best: best)
    for warning in trained.warnings { ErrorLine.warning(warning) }
    let (images, indices) = try examples(of: trained)
    var execution = Configuration()
    if let threads { try execution.set("threads", to: threads) }
    if let kernels { try execution.set("kernels", to: kernels) }
    if let convAlgorithm {
      try execution.set("conv-algorithm", to: convAlgorithm)
      try execution.chooseConvolutionAlgorithms(of: trained.network)
    }
    let context = Context(
      threadCount: execution.threads ?? RunEnvironment.processorCount,
      kernelSet: execution.kernelSet ?? .best)

    let folder = output ?? trained.reportFolder
    try OutputFile.createFolder(folder)
    let evaluator = Evaluator(
      trained.network, loss: trained.configuration.loss, context: context)
    let outcome = evaluator.evaluate(
      indices, of: images, normalization: trained.normalization)
    let report: (json: String, text: String)
    if let predictions = outcome.predictions {
      let classification = ClassificationReport(
        labels: outcome.labels, predictions: predictions, losses: outcome.losses,
        classNames: trained.model.classNames)
      report = (
        classification.json,
        classification.consoleText(width: StandardStream.output.columns ?? 100)
      )
    } else {
      let reconstruction = ReconstructionReport(
        labels: outcome.labels, losses: outcome.losses, classNames: trained.model.classNames)
      report = (
        reconstruction.json,
        reconstruction.consoleText(lossName: trained.configuration.loss.rawValue)
      )
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

  /// The images of the data set and which of them to take.
  private func examples(of trained: TrainedModel) throws -> (ImageSet, [Int]) {
    let name = dataset ?? trained.model.dataset
    let folder = dataDir ?? (name == trained.model.dataset ? trained.dataDirectory : nil)
    try DatasetDownloads.prepare(
      name, dataDirectory: folder, options: download,
      sampleWillDo: trained.isOfSample && name == trained.model.dataset)
    let data = try EvaluationData(of: trained, name: name, folder: folder, split: split)
    for notice in data.notices { ErrorLine.warning(notice) }
    return (data.images, data.indices)
  }
}

extension EvaluationSplit: ExpressibleByArgument {}
