import ArgumentParser
import Benchmarking
import Files
import Layers
import Tensors
import Terminal
import Training

/// The options of all subcommands.
struct CommonOptions: ParsableArguments {
  @Option(setting: "threads") var threads: String?
  @Option(setting: "kernels") var kernels: String?
  @Option(help: "How often each side is timed, in turn with the others.")
  var rounds: Int?
  @Option(help: "About how many seconds each turn takes.")
  var seconds: Double?
  @Flag(help: "Write the figures as JSON.")
  var json = false

  func validate() throws {
    if let rounds, !(1...1000).contains(rounds) {
      throw ValidationError("--rounds: invalid value (found “\(rounds)”, expected 1 to 1000).")
    }
    if let seconds, !(seconds > 0 && seconds <= 60) {
      throw ValidationError(
        "--seconds: invalid value (found “\(seconds)”, expected above 0, at most 60).")
    }
  }

  /// Applies the given options to `settings`.
  func apply(to settings: inout Configuration) throws(SettingError) {
    if let threads { try settings.set("threads", to: threads) }
    if let kernels { try settings.set("kernels", to: kernels) }
  }

  /// Writes the results as text or as JSON.
  func write(_ report: some Report) throws {
    try StandardStream.output.write(json ? report.json.text + "\n" : report.text)
  }

  /// Shows on a terminal what is being measured.
  func announce(_ what: String) throws {
    guard StandardStream.error.isTerminal else { return }
    try StandardStream.error.write("measuring \(what)\n")
  }
}

/// The options of subcommands that run a network.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Examples of a batch. (default: the model's own, 128 for most)")
  var batchSize: String?
  @Option(setting: "conv-algorithm") var convAlgorithm: String?
  @Option(
    help: ArgumentHelp(
      "A network in the course's notation instead of a model by name.", valueName: "layers"),
    completion: Setting.completion("arch"))
  var arch: String?
  @Option(
    help: ArgumentHelp(
      "The images of --arch: height × width × channels. (default: 28x28x1)", valueName: "HxWxC"))
  var image: String?

  /// The default batch sizes of these models. `--all` measures these models.
  static let batchSizes = [
    ("fer-mnist", 128), ("pytorch-mnist", 64), ("fer-cifar", 50), ("vgg-small", 128),
    ("airbench94", 500),
  ]

  func validate() throws {
    guard let image else { return }
    guard arch != nil else { throw ValidationError("--image is that of --arch: add --arch.") }
    guard imageShape != nil else {
      throw ValidationError(
        "--image: invalid value (found “\(image)”, expected height × width × channels, such as "
          + "32x32x3).")
    }
  }

  /// The shape of one example; nil for a model's own.
  var imageShape: Shape? {
    guard arch != nil else { return nil }
    let extents = (image ?? "28x28x1").split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    guard extents.count == 3, extents.allSatisfy({ (1...4096).contains($0) }) else { return nil }
    return Shape([1] + extents)
  }

  /// The settings for `--arch`, or else for the model called `model`.
  func settings(of model: String, _ common: CommonOptions?) throws -> Configuration {
    var settings = try Configuration(
      recipe: [], flags: [arch.map { ("arch", $0) } ?? ("model", model)])
    let usual = Self.batchSizes.first { $0.0 == model }?.1 ?? 128
    try settings.set("batch-size", to: batchSize ?? "\(usual)")
    if let convAlgorithm { try settings.set("conv-algorithm", to: convAlgorithm) }
    try common?.apply(to: &settings)
    do { _ = try StepBenchmark.network(settings, image: imageShape) } catch let error
      as NotationError
    {
      throw Failure(.usage, "--\(arch == nil ? "model" : "arch"): \(error)")
    }
    return settings
  }
}

/// What rates count, for the end of a report.
let countNote = """
  GFLOP/s and the share of the peak count the products of the direct convolution. Winograd makes fewer, \
  so its share may be above 100%.
  """

/// The results of a subcommand.
protocol Report {
  var text: String { get }
  var json: CanonicalJSON { get }
}

extension Context {
  /// A context according to `settings`.
  convenience init(_ settings: Configuration) throws(ThreadError) {
    try self.init(
      starting: settings.threads ?? Processors.available, kernelSet: settings.kernelSet ?? .best)
  }

  /// `2 threads, avx512`.
  var description: String {
    "\(Format.counted(threadCount, "thread")), \(kernelSet.rawValue)"
  }
}

extension Format {
  /// A rate in units of 10⁹ operations per second.
  static func billions(_ rate: Double) -> String { fixed(rate / 1e9, decimals: 1) }

  static func milliseconds(_ seconds: Double) -> String {
    let value = seconds * 1e3
    return fixed(value, decimals: value < 0.0995 ? 4 : value < 0.995 ? 3 : value < 9.95 ? 2 : 1)
  }

  static func share(_ share: Double) -> String { percent(share, decimals: 0) }
}
