import Datasets
import Layers
import Tensors

/// Applies a network to examples without training it.
public final class Evaluator {
  /// What the network made of each example, in order.
  public struct Outcome: Sendable {
    public let labels: [Int]
    public let predictions: [Int]
    public let losses: [Double]

    public var meanLoss: Double {
      losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count)
    }

    public var correct: Int {
      zip(labels, predictions).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    }

    public var accuracy: Double {
      labels.isEmpty ? 0 : Double(correct) / Double(labels.count)
    }
  }

  private let executor: Executor
  private let arena = Arena()
  private let labels: UnsafeMutablePointer<Int32>
  private let losses: UnsafeMutablePointer<Double>

  /// - Parameter capacity: how many examples go through the network together; the outcome does not
  ///   depend on it.
  public init(_ network: Sequential, capacity: Int = 256, context: Context) {
    executor = Executor(network, capacity: capacity, training: false, context: context)
    labels = arena.values(of: Int32.self, capacity)
    losses = arena.values(of: Double.self, capacity)
  }

  /// Classifies the examples at `indices`.
  public func evaluate(
    _ indices: [Int], of images: ImageSet, normalization: Normalization
  ) -> Outcome {
    var allPredictions: [Int] = []
    var allLosses: [Double] = []
    allPredictions.reserveCapacity(indices.count)
    allLosses.reserveCapacity(indices.count)
    for first in stride(from: 0, to: indices.count, by: executor.capacity) {
      let part = indices[first..<min(first + executor.capacity, indices.count)]
      executor.load(part, of: images, normalization: normalization)
      images.gatherLabels(part, into: labels)
      let logits = executor.forward(count: part.count)
      SoftmaxCrossEntropy.evaluate(
        logits, labels: labels, batchSize: part.count, losses: losses, dz: nil,
        in: executor.context)
      for i in 0..<part.count {
        allPredictions.append(logits.greatestElement(ofRow: i))
        allLosses.append(losses[i])
      }
    }
    return Outcome(
      labels: indices.map { Int(images.labels[$0]) }, predictions: allPredictions,
      losses: allLosses)
  }
}
