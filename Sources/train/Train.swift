import ArgumentParser
import CommandSupport
import Layers
import Networks
import Terminal
import Training

/// `swift run train`: trains a network and leaves a run directory.
@main
struct Train: Command {
  static let heedsSignals = true
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a small convolutional network for image classification.",
    discussion: """
      Without options it repeats the course's exercise: fer-mnist on MNIST. Settings come from the \
      model's own defaults, then from --recipe, then from the flags.
      """,
    version: RunEnvironment.version)

  @Option(
    parsing: .unconditional, help: "The data set: one of `datasets list`, or folder for PNG files.")
  var dataset: String?
  @Option(
    parsing: .unconditional, help: "The only folder in which to look for the data set's files.")
  var dataDir: String?
  @OptionGroup var download: DownloadOptions
  @Option(
    parsing: .unconditional,
    help: "Width and height that the images of --dataset folder are fitted into.")
  var imageSize: String?
  @Option(
    parsing: .unconditional,
    help: "A model by name: \(NamedModel.all.map(\.name).joined(separator: ", ")).")
  var model: String?
  @Option(
    parsing: .unconditional,
    help: "A network in the course's notation: \"conv(16,5) relu pool(3,2) fc(classes)\".")
  var arch: String?
  @Option(
    parsing: .unconditional,
    help: "How the autoencoder's decoder enlarges images: transposed or bilinear.")
  var decoder: String?
  @Option(parsing: .unconditional, help: "A file of settings, such as a run's config.yaml.")
  var recipe: String?

  @Option(
    parsing: .unconditional,
    help: "How many times to go through the training examples; may be fractional.")
  var epochs: String?
  @Option(
    parsing: .unconditional, help: "Stop after this many steps; the rates stay those of --epochs.")
  var maxSteps: String?
  @Option(parsing: .unconditional, help: "Examples that go through the network together.")
  var batchSize: String?
  @Option(parsing: .unconditional, help: "Batches whose gradients add up to one step.")
  var accumulate: String?
  @Option(parsing: .unconditional, help: "The seed of everything random.")
  var seed: String?
  @Option(
    parsing: .unconditional, help: "Initial values, from a safetensors file with PyTorch's names.")
  var `init`: String?
  @Option(
    parsing: .unconditional,
    help: "How initial values are drawn: he (for ReLU) or pytorch (as its layers begin).")
  var initScheme: String?
  @Flag(name: .customLong("no-shuffle"), help: "Take the examples in the order of the files.")
  var noShuffle = false
  @Option(parsing: .unconditional, help: "Training examples to keep for validation.")
  var valSplit: String?
  @Option(parsing: .unconditional, help: "Train on so many of the other examples only.")
  var limitTrain: String?
  @Option(parsing: .unconditional, help: "Test with so many examples only.")
  var limitTest: String?
  @Option(
    parsing: .unconditional,
    help:
      "uniform: each example once an epoch; weighted: drawn so that all classes come equally often."
  )
  var sampler: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How much each class counts in the loss: \(ClassWeights.forms).", valueName: "weights"))
  var classWeights: String?
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Changes that training images go through: \"altflip translate(2) cutout(8)\".",
      valueName: "steps"))
  var augment: String?
  @Option(parsing: .unconditional, help: "The mean of each channel, of pixels scaled to 0…1.")
  var mean: String?
  @Option(parsing: .unconditional, help: "The standard deviation of each channel, likewise.")
  var std: String?

  @Option(parsing: .unconditional, help: "The learning rate at the start.")
  var lr: String?
  @Option(
    parsing: .unconditional,
    help: "How it changes: constant, cosine, linear, exponential(0.75), steps(1:0.1,3:0.01).")
  var sched: String?
  @Option(
    parsing: .unconditional,
    help: "What is made small: \(Loss.allCases.map(\.rawValue).joined(separator: ", ")).")
  var loss: String?
  @Option(
    parsing: .unconditional,
    help: "Label smoothing ε: targets are (1 − ε)·onehot + ε/classes in training.")
  var smoothing: String?
  @Option(
    parsing: .unconditional,
    help: "The rule of the update: \(Optimizers.all.map { $0.name }.joined(separator: ", ")).")
  var optimizer: String?
  @Option(parsing: .unconditional, help: "The momentum.")
  var momentum: String?
  @Flag(help: "Use Nesterov's momentum.")
  var nesterov = false
  @Option(parsing: .unconditional, help: "The weight decay λ.")
  var weightDecay: String?
  @Option(
    parsing: .unconditional,
    help: "What decays: all, weights, hidden (weights but the last), or names.")
  var weightDecayOn: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How convolutions are computed: \(ConvolutionChoice.forms).", valueName: "choice"))
  var convAlgorithm: String?

  @Option(
    parsing: .unconditional,
    help: "The directory to write; runs/<dataset>-<model>-<n> if not given.")
  var runDir: String?
  @Option(parsing: .unconditional, help: "Go on with the run in this directory, to the bit.")
  var resume: String?
  @Option(parsing: .unconditional, help: "Threads; results do not depend on it.")
  var threads: String?
  @Option(
    parsing: .unconditional,
    help: "Kernels: avx512, avx2, neon or portable; results do not depend on it.")
  var kernels: String?
  @Option(parsing: .unconditional, help: "Steps between lines of progress.")
  var logEvery: String?
  @Option(
    parsing: .unconditional,
    help: "Epochs between images of filters and reconstructions; 0 for none.")
  var filtersEvery: String?
  @Option(help: "How to show progress: auto, bar, plain or none.")
  var progress: ProgressDisplay.Mode = .auto

  /// The settings given as flags, in a fixed order.
  var given: [(key: String, value: String)] {
    let all: [(String, String?)] = [
      ("dataset", dataset), ("model", model), ("arch", arch), ("decoder", decoder),
      ("epochs", epochs),
      ("max-steps", maxSteps), ("batch-size", batchSize), ("accumulate", accumulate),
      ("seed", seed), ("lr", lr), ("sched", sched), ("loss", loss), ("smoothing", smoothing),
      ("optimizer", optimizer), ("momentum", momentum),
      ("nesterov", nesterov ? "true" : nil), ("weight-decay", weightDecay),
      ("weight-decay-on", weightDecayOn), ("val-split", valSplit), ("limit-train", limitTrain),
      ("limit-test", limitTest), ("sampler", sampler), ("class-weights", classWeights),
      ("augment", augment),
      ("image-size", imageSize), ("mean", mean),
      ("std", std),
      ("shuffle", noShuffle ? "false" : nil), ("conv-algorithm", convAlgorithm),
      ("init-scheme", initScheme), ("data-dir", dataDir), ("init", self.`init`),
      ("threads", threads), ("kernels", kernels), ("log-every", logEvery),
      ("filters-every", filtersEvery),
    ]
    return all.compactMap { key, value in value.map { (key, $0) } }
  }

  func validate() throws {
    for (flag, value) in [("--run-dir", runDir), ("--resume", resume), ("--recipe", recipe)]
    where value == "" {
      throw ValidationError("\(flag): invalid value (found “”, expected a path).")
    }
    if model != nil && arch != nil {
      throw ValidationError("--model and --arch exclude each other.")
    }
    if resume != nil {
      for (flag, value) in [("--run-dir", runDir), ("--recipe", recipe), ("--init", self.`init`)]
      where value != nil {
        throw ValidationError("\(flag) and --resume exclude each other.")
      }
    }
  }

  func execute() throws -> ExitStatus {
    let session =
      try resume.map {
        try TrainingSession(resuming: $0, given: given, download: download, progress: progress)
      }
      ?? TrainingSession(
        given: given, recipe: recipe, runDirectory: runDir, download: download,
        progress: progress)
    return try session.execute()
  }
}
