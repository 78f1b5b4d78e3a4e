import Datasets
import Foundation
import Layers
import Tensors
import TestSupport

@testable import Training

/// A data set of a few easy digits in its own folder, and trainers of small networks on it.
final class TinyTraining {
  let folder = TemporaryFolder()
  let loaded: LoadedSplit

  /// Digit d has the bright rows 2d and 2d + 1 in noise; labels are 0 to 9 in turn.
  init(examples: Int = 60, seed: UInt64 = 1) throws {
    var random = SplitMix64(seed: seed)
    var pixels = [UInt8](repeating: 0, count: examples * 28 * 28)
    for example in 0..<examples {
      for row in 0..<28 {
        let isBright = row / 2 == example % 10
        for column in 0..<28 {
          pixels[(example * 28 + row) * 28 + column] =
            UInt8.random(in: isBright ? 150...255 : 0...100, using: &random)
        }
      }
    }
    folder.put(
      Self.header(3, [examples, 28, 28]) + pixels, at: "train-images-idx3-ubyte")
    folder.put(
      Self.header(1, [examples]) + (0..<examples).map { UInt8($0 % 10) },
      at: "train-labels-idx1-ubyte")
    loaded = try Dataset.load(name: "mnist", split: .train, dataDirectory: folder.path)
  }

  private static func header(_ rank: UInt8, _ extents: [Int]) -> [UInt8] {
    [0, 0, 8, rank]
      + extents.flatMap { n in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: n >> $0) } }
  }

  /// By default, ten examples are for validation, batches have 8 examples, and the learning rate is
  /// constant.
  func configuration(_ settings: [String: String] = [:]) throws -> Configuration {
    var all = [
      "arch": "fc(classes)", "batch-size": "8", "val-split": "10", "sched": "constant",
    ]
    all.merge(settings) { $1 }
    return try Configuration(recipe: [], flags: all.sorted { $0.key < $1.key }.map { ($0, $1) })
  }

  /// A trainer before the first step.
  func trainer(_ settings: [String: String] = [:], threads: Int = 2) throws -> Trainer {
    let configuration = try configuration(settings)
    let network = try configuration.network!.architecture.network(
      input: [1, 28, 28, 1], classes: 10)
    network.initialize(seed: configuration.seed)
    return try Trainer(
      configuration, network: network, data: try TrainingData(loaded, configuration),
      context: Context(threadCount: threads))
  }
}

extension Trainer {
  /// The values of all parameters, in stored order, by name.
  var values: [String: [Float]] {
    Dictionary(
      network.parameters.map { ($0.name, $0.storedValues()) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The mean loss over `indices`, computed without a training step.
  func meanLoss(_ indices: [Int]) throws -> Double {
    try Evaluator(network, context: context).evaluate(
      indices, of: data.images, normalization: data.normalization
    ).meanLoss
  }
}
