import ArgumentParser
import Datasets
import Tensors
import Terminal
import Training

/// The options of `predict` and `serve`.
struct PredictionOptions: ParsableArguments {
  @Flag(help: "Take the run's best checkpoint by validation instead of the newest.")
  var best = false
  @Option(
    parsing: .unconditional,
    help: "The number of classes for each image. (default: 3, or all of a network of fewer)")
  var top: Int?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Mark images whose greatest probability is below this: 0 to 1, or auto for the probability that "
        + "99 of 100 validation images reach.", valueName: "probability"))
  var threshold = PredictionThreshold.standard
  @Option(
    help: """
      mnist: invert, crop and center a digit as the images of MNIST; auto: only images that are dark on \
      bright, for a network of MNIST or EMNIST; none: leave images as they are. (default: auto)
      """)
  var prepare: ImagePreparation.Digits?
  @Flag(
    help: """
      Compute as evaluation does, to the bit. Do not fold batch normalization into the layer before it, \
      and use training's algorithms of convolutions.
      """)
  var exact = false
  @Flag(help: "Leave out images that cannot be read, with a warning.")
  var skipUnreadable = false
  @Option(setting: "threads") var threads: String?

  func validate() throws {
    if let top, top < 1 {
      throw ValidationError("--top: invalid value (found “\(top)”, expected 1 or more).")
    }
  }

  /// Reads the network at `source` and makes it ready to predict images.
  func open(_ source: String) throws -> Predictor {
    try Configuration.forExecution(threads: threads)
    let trained = try TrainedModel.forCommand(source, best: best)
    let preparation = try trained.imagePreparation(prepare)
    if exact { Notice.tellIdleExactness(for: trained.network) }
    let model = try Model(trained, threads: Processors.threadCount)
    model.prepareForInference(exact: exact)
    if let top, top > model.classNames.count {
      let classes = Format.counted(model.classNames.count, "class", "classes")
      Notice.warning("--top: the network has \(classes) only.")
    }
    let (threshold, leavesFilesOut) = try threshold.value(
      for: trained, model, skipUnreadable: skipUnreadable)
    return Predictor(
      path: trained.path, model: model, preparation: preparation,
      top: min(top ?? 3, model.classNames.count), threshold: threshold,
      leavesFilesOut: leavesFilesOut)
  }
}

/// A network that is ready to predict images, as ``PredictionOptions`` ask for.
struct Predictor {
  /// The path of the checkpoint.
  let path: String
  let model: Model
  let preparation: ImagePreparation
  /// The number of classes for each image.
  let top: Int
  /// The probability below which a prediction is unsure.
  let threshold: Float
  /// True if files of the training folder, from which the threshold comes, were left out.
  let leavesFilesOut: Bool
}
