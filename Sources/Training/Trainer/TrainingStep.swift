import Datasets
import Layers
import Tensors

/// A loss or a gradient that is not finite.
public struct NotFiniteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The step that would have been taken, from 1.
  public let step: Int
  /// `the loss`, or the parameter whose gradient it is.
  public let tensor: String

  public var description: String {
    "step \(step): \(tensor) is not finite. Try a smaller --lr; the last checkpoint is intact."
  }
}

/// One step of training: forward, loss, backward, update.
package final class TrainingStep {
  package struct Result: Equatable {
    /// The mean over the mini-batch.
    package let loss: Double
    /// Nil for an autoencoder.
    package let correct: Int?
    package let examples: Int
    package let gradientNorm: Double
  }

  let executor: Executor
  let optimizer: SGD
  private let loss: Loss
  private let smoothing: Double
  /// `[classes]`; nil where all examples count alike.
  private let classWeights: UnsafeMutableBufferPointer<Float>?
  private let seed: UInt64
  private let gradient: GradientNorm
  private let averages: RunningAverages
  private let arena = Arena()
  private let labels: UnsafeMutablePointer<Int32>
  /// Nil where images are taken as they are.
  private let augmented: AugmentedBatches?
  private let mixes: Bool
  private let clock = ContinuousClock()
  /// How long the steps so far waited for their examples, normalization included.
  private(set) var loadingSeconds = 0.0
  private let losses: UnsafeMutablePointer<Double>

  /// - Parameters:
  ///   - capacity: the size of a micro-batch.
  ///   - loss: one that takes values for an autoencoder, whose targets are its inputs.
  ///   - smoothing: of labels.
  ///   - classWeights: one for each class, for the cross-entropy alone.
  ///   - augmenter: gives the images, if they are not taken as they are.
  ///   - seed: names the random numbers of the steps.
  package init(
    _ network: Sequential, capacity: Int, optimizer settings: SGD.Settings,
    loss: Loss = .crossEntropy, smoothing: Double = 0, classWeights: [Float]? = nil,
    augmenter: Augmenter? = nil, seed: UInt64,
    context: Context
  ) {
    self.loss = loss
    self.smoothing = smoothing
    executor = Executor(network, capacity: capacity, training: true, context: context)
    self.seed = seed
    optimizer = SGD(network.trainedParameters, settings)
    gradient = GradientNorm(network.trainedParameters)
    averages = RunningAverages(of: network)
    labels = arena.values(of: Int32.self, capacity)
    losses = arena.values(of: Double.self, capacity)
    precondition(classWeights == nil || loss == .crossEntropy, "\(loss) weighs no classes")
    let arena = arena
    self.classWeights = classWeights.map { weights in
      let memory = UnsafeMutableBufferPointer(
        start: arena.floats(weights.count), count: weights.count)
      _ = memory.update(fromContentsOf: weights)
      return memory
    }
    let augmenter = augmenter.flatMap { $0.augmentation.isEmpty ? nil : $0 }
    augmented = augmenter.map { AugmentedBatches($0, capacity: capacity) }
    mixes = augmenter?.augmentation.mixes ?? false
  }

  /// Takes step number `step` with the examples at `indices`, the whole mini-batch; more than the
  /// capacity go through as micro-batches whose gradients add up.
  ///
  /// - Parameters:
  ///   - epoch: from 0; augmentation draws anew in each.
  ///   - next: the examples of the next step of the epoch, if there is one.
  /// - Throws: ``NotFiniteError``; parameters and running averages are then as before.
  package func take(
    _ indices: ArraySlice<Int>, of images: ImageSet, normalization: Normalization, rate: Double,
    step: Int, epoch: Int = 0, next: ArraySlice<Int> = []
  ) throws(NotFiniteError) -> Result {
    let context = executor.context
    gradient.zero(in: context)
    averages.keep()

    let isAutoencoder = executor.network.isAutoencoder
    let totalWeight = totalWeight(of: indices, images)
    var sum = 0.0
    var correct = 0
    var first = indices.startIndex
    while first < indices.endIndex {
      let end = min(first + executor.capacity, indices.endIndex)
      let part = indices[first..<end]
      let following =
        end < indices.endIndex
        ? indices[end..<min(end + executor.capacity, indices.endIndex)]
        : next.prefix(executor.capacity)
      let targets = load(
        part, epoch: epoch, next: following, of: images, normalization: normalization)
      let outputs = executor.forward(
        count: part.count,
        randomKey: RandomKey(seed: seed, step: step, firstExample: first - indices.startIndex))
      let outputGradient = executor.outputGradient(count: part.count)
      if let classWeights {
        SoftmaxCrossEntropy.evaluate(
          outputs, targets, weights: classWeights.baseAddress, totalWeight: totalWeight,
          losses: losses, dz: outputGradient, in: context)
      } else {
        loss.evaluate(
          outputs, isAutoencoder ? .values(executor.input.base) : .classes(targets),
          batchSize: indices.count, losses: losses, gradient: outputGradient, in: context)
      }
      for i in 0..<part.count {
        sum += losses[i]
        if !isAutoencoder, outputs.argmax(ofRow: i) == targets.predominant(i) {
          correct += 1
        }
      }
      executor.backward(count: part.count)
      first = end
    }
    guard sum.isFinite else {
      averages.restore()
      throw NotFiniteError(step: step, tensor: "the loss")
    }
    let length = gradient.norm(in: context)
    guard length.isFinite else {
      averages.restore()
      let name = gradient.firstNotFinite(in: context) ?? "the sum of all squares"
      throw NotFiniteError(step: step, tensor: "the gradient of \(name)")
    }
    optimizer.step(rate: Float(rate), in: context)
    return Result(
      loss: sum / totalWeight, correct: isAutoencoder ? nil : correct,
      examples: indices.count, gradientNorm: length)
  }

  /// What the sum of losses is divided by: the number of examples, or as PyTorch's `weight=` does the sum
  /// of their labels' weights. Mixed labels are probabilities, where it is the number again.
  private func totalWeight(of indices: ArraySlice<Int>, _ images: ImageSet) -> Double {
    guard let classWeights, !mixes else { return Double(indices.count) }
    return indices.reduce(0) { $0 + Double(classWeights[Int(images.labels[$1])]) }
  }

  /// Brings a micro-batch into the network's input.
  ///
  /// - Returns: its labels, valid until the next call.
  private func load(
    _ part: ArraySlice<Int>, epoch: Int, next: ArraySlice<Int>, of images: ImageSet,
    normalization: Normalization
  ) -> ClassTargets {
    let start = clock.now
    defer { loadingSeconds += (clock.now - start) / .seconds(1) }
    guard let augmented else {
      executor.load(part, of: images, normalization: normalization)
      images.gatherLabels(part, into: labels)
      return ClassTargets(labels, smoothing: smoothing)
    }
    let batch = augmented.take(part, epoch: epoch, next: next, in: executor.context)
    executor.load(
      batch.pixels, count: part.count, imageCount: images.imageCount, normalization: normalization)
    return ClassTargets(
      batch.labels, mixed: mixes ? (UnsafePointer(batch.others), UnsafePointer(batch.shares)) : nil,
      smoothing: smoothing)
  }
}

extension ClassTargets {
  /// The label of the greater share, the first of two halves.
  fileprivate func predominant(_ example: Int) -> Int {
    guard let mixed, mixed.shares[example] < 0.5 else { return Int(labels[example]) }
    return Int(mixed.others[example])
  }
}

extension Executor {
  /// Normalizes `count` images, which lie one behind the other, into ``input``, with all threads.
  func load(
    _ pixels: UnsafePointer<UInt8>, count: Int, imageCount: Int, normalization: Normalization
  ) {
    context.pool.run(Context.laneCount) { lane, _ in
      let range = Context.examples(ofLane: lane, among: count)
      normalization.normalize(
        pixels + range.lowerBound * imageCount, count: range.count * imageCount,
        into: input.base + range.lowerBound * imageCount)
    }
  }

  /// Normalizes the images at `indices` into ``input``, with all threads.
  package func load(_ indices: ArraySlice<Int>, of images: ImageSet, normalization: Normalization) {
    indices.withUnsafeBufferPointer { indices in
      context.pool.run(Context.laneCount) { lane, _ in
        let range = Context.examples(ofLane: lane, among: indices.count)
        normalization.gather(
          UnsafeBufferPointer(rebasing: indices[range]), from: images,
          into: input.base + range.lowerBound * images.imageCount)
      }
    }
  }
}

extension Tensor {
  /// The column of the greatest element of a row, the first of equal ones.
  func argmax(ofRow row: Int) -> Int {
    let columns = shape.countPerExample
    let start = base + row * columns
    var best = 0
    for column in 1..<max(columns, 1) where start[column] > start[best] { best = column }
    return best
  }
}
