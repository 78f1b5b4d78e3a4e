import Layers
import Tensors
import TestSupport

@testable import Datasets
@testable import Training

/// A run of a few examples of random pixels, in memory.
struct SmallRun {
  var configuration: Configuration
  var examples = 23
  var dataSeed: UInt64 = 1

  /// Batches of 4 out of 18 training examples: five steps an epoch, the last of 2 examples.
  init(_ settings: (key: String, value: String)...) throws {
    configuration = try Configuration(
      recipe: [
        ("arch", "conv(2,3) pool(4) relu fc(classes)"), ("batch-size", "4"), ("val-split", "5"),
        ("epochs", "3"), ("lr", "0.05"),
      ], flags: settings)
  }

  var data: LoadedSplit {
    get throws {
      let entry = try Catalog.entry(named: "mnist")
      var random = SplitMix64(seed: dataSeed)
      let labels = (0..<examples).map { UInt8($0 * 3 % 10) }
      let pixels = (0..<examples * 784).map { _ in UInt8.random(in: 0...255, using: &random) }
      return LoadedSplit(
        entry: entry, split: .train,
        images: ImageSet(
          height: 28, width: 28, channels: 1, classes: 10, pixels: pixels, labels: labels),
        files: [.init(path: "images", sha256: "\(dataSeed)-\(examples)")], directory: ".",
        isSample: false, isVerified: true, notices: [])
    }
  }

  /// A trainer before the first step.
  func trainer(
    threads: Int = 1, optimizer: (any Optimizer.Type)? = nil, processes: ProcessGroup? = nil
  ) throws -> Trainer {
    guard let choice = configuration.network else { preconditionFailure("no network") }
    let network = try choice.architecture.network(input: [1, 28, 28, 1], classes: 10)
    network.initialize(seed: configuration.seed)
    return try Trainer(
      configuration, network: network, data: TrainingData(data, configuration),
      context: Context(threadCount: threads, kernelSet: .best), optimizer: optimizer,
      processes: processes)
  }
}

extension Trainer {
  /// All values that a step changes: parameters and the optimizer's state.
  var state: [[Float]] {
    network.parameters.map { $0.storedValues() }
      + step.optimizer.parameters.state.map { $0.parameter.stored($0.memory) }
  }

  func takeSteps(_ count: Int) throws -> [StepReport] {
    try (0..<count).map { _ in try advance().step }
  }
}
