import CKernels
import Datasets
import Layers
import Tensors

/// Applies a network to examples without training it.
public final class Evaluator {
  /// What the network made of each example, in order.
  public struct Outcome: Sendable {
    public let labels: [Int]
    /// Nil for an autoencoder.
    public let predictions: [Int]?
    public let losses: [Double]

    public var meanLoss: Double {
      losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count)
    }

    /// How many predictions are right; nil for an autoencoder.
    public var correct: Int? {
      predictions.map { zip(labels, $0).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) } }
    }

    /// The share that is right; nil for an autoencoder.
    public var accuracy: Double? {
      correct.map { labels.isEmpty ? 0 : Double($0) / Double(labels.count) }
    }
  }

  private let executor: Executor
  private let loss: Loss
  private let arena = Arena()
  private let labels: UnsafeMutablePointer<Int32>
  private let losses: UnsafeMutablePointer<Double>

  /// - Parameters:
  ///   - loss: one that takes values for an autoencoder, whose targets are its inputs.
  ///   - capacity: how many examples go through the network together; the outcome does not depend on
  ///     it.
  public init(
    _ network: Sequential, loss: Loss = .crossEntropy, capacity: Int = 256, context: Context
  ) {
    executor = Executor(network, capacity: capacity, training: false, context: context)
    self.loss = loss
    labels = arena.values(of: Int32.self, capacity)
    losses = arena.values(of: Double.self, capacity)
  }

  /// Classifies the examples at `indices`, or gives them back.
  public func evaluate(
    _ indices: [Int], of images: ImageSet, normalization: Normalization
  ) -> Outcome {
    let isAutoencoder = executor.network.isAutoencoder
    var allPredictions: [Int] = []
    var allLosses: [Double] = []
    allLosses.reserveCapacity(indices.count)
    forEachBatch(of: indices, images, normalization) { part, outputs in
      images.gatherLabels(part, into: labels)
      loss.evaluate(
        outputs, isAutoencoder ? .values(executor.input.base) : .classes(ClassTargets(labels)),
        batchSize: part.count, losses: losses, gradient: nil, in: executor.context)
      for i in 0..<part.count {
        if !isAutoencoder { allPredictions.append(outputs.argmax(ofRow: i)) }
        allLosses.append(losses[i])
      }
    }
    return Outcome(
      labels: indices.map { Int(images.labels[$0]) },
      predictions: isAutoencoder ? nil : allPredictions, losses: allLosses)
  }

  /// What an autoencoder makes of the images at `indices`, as images of the same size.
  ///
  /// Outputs become pixels by the normalization's inverse; those of the binary cross-entropy are
  /// logits, whose sigmoid is the pixel.
  ///
  /// - Returns: `[indices.count, h, w, c]`, 0…255.
  public func reconstruct(
    _ indices: [Int], of images: ImageSet, normalization: Normalization
  ) -> [UInt8] {
    precondition(executor.network.isAutoencoder, "the network gives no images")
    let areLogits = loss == .binaryCrossEntropy
    var pixels: [UInt8] = []
    pixels.reserveCapacity(indices.count * images.imageCount)
    forEachBatch(of: indices, images, normalization) { _, outputs in
      for (place, value) in outputs.elements.enumerated() {
        pixels.append(
          normalization.byte(
            of: areLogits ? 1 / (1 + exact_exp(-value)) : value,
            channel: place % images.channels))
      }
    }
    return pixels
  }

  /// Leads the examples through the network, as many as it takes at once.
  private func forEachBatch(
    of indices: [Int], _ images: ImageSet, _ normalization: Normalization,
    do body: (_ part: ArraySlice<Int>, _ outputs: Tensor) -> Void
  ) {
    for first in stride(from: 0, to: indices.count, by: executor.capacity) {
      let part = indices[first..<min(first + executor.capacity, indices.count)]
      executor.load(part, of: images, normalization: normalization)
      body(part, executor.forward(count: part.count))
    }
  }
}
