import ArgumentParser
import Datasets
import Files
import Tensors
import Terminal
import Training

/// `swift run visualize`: draws what a trained network has learned.
struct VisualizeCommand: Command {
  static let configuration = CommandConfiguration(
    commandName: "visualize",
    abstract: "Draw what a trained network has learned.",
    discussion: """
      \u{20}\u{20}filters                the filters of every convolution, also over the epochs
        activations            an image layer by layer
        saliency               the gradient of a class with respect to the pixels
        grad-cam               where a convolution sees a class
        occlusion              the loss of a class while a window hides a part of the image
        maximally-activating   the images in which the channels of a layer are most active
        worst                  the mistakes of the largest loss
        weights                histograms of the weights, and dead ReLUs
        embedding              the last features on a plane, by PCA and t-SNE

      The files are written to RUN/visualize-WHAT. No file is overwritten.
      """
        + ProgramName.examples(
          "visualize runs/mnist-fer-mnist-1 grad-cam --index 7",
          "visualize runs/cifar10-fer-cifar-1 saliency --image cat.jpg --class cat"),
    version: RunEnvironment.version)

  @Argument(
    help: "A run directory, whose newest checkpoint is taken, or a checkpoint file.",
    completion: .file())
  var source: String
  @Argument(help: "What to draw.")
  var what: VisualizedSubject
  @Flag(help: "Take the run's best checkpoint by validation instead of the newest.")
  var best = false
  @Option(help: "An image file, PNG or JPEG.", completion: .file())
  var image: String?
  @Option(
    parsing: .unconditional,
    help: "An image of the test split by its index, from 0. (default: 0)")
  var index: Int?
  @Option(
    name: .customLong("class"),
    help: "The class to explain, by name or number. (default: the predicted one)")
  var label: String?
  @Option(help: "The layer, such as conv2. (default: the last convolution, or all)")
  var layer: String?
  @Option(help: "One channel, from 0. (default: the first 12)")
  var channel: Int?
  @Option(help: "Images for each channel, or mistakes. (default: 8, or 20)")
  var count: Int?
  @Option(help: "Test images to look at. (default: 2000)")
  var limit: Int?
  @Option(
    help: ArgumentHelp(
      "The side of the window that hides a part. (default: a fifth of the image)",
      valueName: "pixels"))
  var window: Int?
  @Option(
    help: ArgumentHelp(
      "The distance between windows. (default: half the window)", valueName: "pixels"))
  var stride: Int?
  @Option(
    parsing: .unconditional,
    help: "The normalized value in the window; 0 is the data set's mean color. (default: 0)"
  )
  var baseline: Double?
  @Option(help: "About how many neighbors of a point t-SNE keeps near. (default: 30)")
  var perplexity: Double?
  @Option(help: "The seed of t-SNE's first positions. (default: 1)")
  var seed: UInt64?
  @Option(
    help: "A data set other than the one it was trained on.", completion: .list(Dataset.names))
  var dataset: String?
  @Option(setting: "data-dir") var dataDir: String?
  @Flag(setting: "skip-unreadable") var skipUnreadable = false
  @OptionGroup(title: "Downloads") var download: DownloadOptions
  @Option(help: "The folder to write. (default: visualize-WHAT/ in the run directory)")
  var output: String?
  @Option(setting: "threads") var threads: String?

  func validate() throws {
    try OutputFolder.check(output)
    let given = [
      ("--image", image != nil), ("--index", index != nil), ("--class", label != nil),
      ("--layer", layer != nil), ("--channel", channel != nil), ("--count", count != nil),
      ("--limit", limit != nil), ("--window", window != nil), ("--stride", stride != nil),
      ("--baseline", baseline != nil), ("--perplexity", perplexity != nil), ("--seed", seed != nil),
    ]
    for (flag, isGiven) in given where isGiven && !what.flags.contains(flag) {
      throw ValidationError(
        "\(flag): \(what.rawValue) has no such choice (expected "
          + "\(what.flags.joined(separator: ", "))). Leave \(flag) out.")
    }
    if image != nil, index != nil {
      throw ValidationError("--index: --image names the image. Give one of them.")
    }
    if !what.needsData(image: image) {
      for (flag, isGiven) in [
        ("--dataset", dataset != nil), ("--data-dir", dataDir != nil),
        ("--skip-unreadable", skipUnreadable),
      ] where isGiven {
        throw ValidationError("\(flag): no data set is read. Leave \(flag) out.")
      }
    }
    try checkNumbers()
  }

  private func checkNumbers() throws {
    let numbers: [(String, Int?, ClosedRange<Int>)] = [
      ("--index", index, 0...Int.max), ("--channel", channel, 0...Int.max),
      ("--count", count, 1...200), ("--window", window, 1...4096), ("--stride", stride, 1...4096),
      ("--limit", limit, what == .embedding ? 4...2000 : 1...Int.max),
    ]
    for (flag, value, range) in numbers {
      guard let value, !range.contains(value) else { continue }
      let expected =
        range.upperBound == Int.max
        ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
      throw ValidationError("\(flag): invalid value (found “\(value)”, expected \(expected)).")
    }
    if let stride, let window, stride > window {
      throw ValidationError(
        "--stride: invalid value (found “\(stride)”, expected 1 to the window's \(window)).")
    }
    if let perplexity, !(perplexity >= 1 && perplexity <= 500) {
      throw ValidationError(
        "--perplexity: invalid value (found “\(perplexity)”, expected 1 to 500).")
    }
    if let baseline, !Float(baseline).isFinite {
      throw ValidationError(
        "--baseline: invalid value (found “\(baseline)”, expected a finite number of single precision)."
      )
    }
  }

  func execute() throws -> ExitStatus {
    try Configuration.forExecution(threads: threads)
    let trained = try TrainedModel.forCommand(source, best: best)
    let context = try Context(starting: Processors.threadCount)
    try trained.checkEvaluationMemory(in: context)
    let session = VisualizeSession(self, trained, context)
    switch what {
    case .filters: try session.drawFilters()
    case .activations: try session.drawActivations()
    case .saliency, .gradCAM, .occlusion: try session.drawAttribution()
    case .maximallyActivating: try session.drawChannels()
    case .worst: try session.drawWorst()
    case .weights: try session.drawWeights()
    case .embedding: try session.drawEmbedding()
    }
    return .done
  }
}
