import CKernels
import Datasets
import Layers
import Tensors

/// Evaluates a network on examples without training it.
public final class Evaluator {
  /// The results for each example, in order.
  public struct Outcome: Sendable {
    public let labels: [Int]
    /// Nil for an autoencoder.
    public let predictions: [Int]?
    public let losses: [Double]
    /// The network's outputs, `[count, classes]`, of which predictions are the greatest; with test-time
    /// augmentation the averages. Nil unless they were asked for, and for an autoencoder.
    public let logits: [Float]?
    /// With test-time augmentation, the results for the images as they are.
    public let singleView: SingleView?

    /// Predictions and losses without test-time augmentation.
    public struct SingleView: Sendable {
      public fileprivate(set) var predictions: [Int] = []
      public fileprivate(set) var losses: [Double] = []
    }

    /// The results without test-time augmentation.
    public var withoutViews: Outcome {
      guard let singleView else { return self }
      return Outcome(
        labels: labels, predictions: singleView.predictions, losses: singleView.losses,
        logits: nil, singleView: nil)
    }

    public var meanLoss: Double {
      losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count)
    }

    /// The number of correct predictions; nil for an autoencoder.
    public var correct: Int? {
      predictions.map { zip(labels, $0).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) } }
    }

    /// The fraction of correct predictions; nil for an autoencoder.
    public var accuracy: Double? {
      correct.map { labels.isEmpty ? 0 : Double($0) / Double(labels.count) }
    }
  }

  /// The number of examples in a batch, unless another is given.
  public static let defaultCapacity = 256

  private let executor: Executor
  private let loss: Loss
  private let task: LearningTask
  private let arena = Arena()
  private let losses: UnsafeMutablePointer<Double>
  /// The weighted sum of the views' outputs, `[capacity, …]`; nil for a single view.
  private let sum: Tensor?
  private let testTimeAugmentation: TestTimeAugmentation
  private let processes: ProcessGroup?

  /// - `loss`: for an autoencoder, a loss that compares values; the targets are the network's
  ///   inputs.
  /// - `capacity`: the number of examples in a batch; it does not change the results.
  /// - `testTimeAugmentation`: the views of each image whose outputs are averaged.
  /// - `processes`: the processes that share the examples; all make the same calls.
  /// - Precondition: an autoencoder has no test-time augmentation, and processes share only single views.
  public init(
    _ network: Sequential, loss: Loss = .crossEntropy, capacity: Int = defaultCapacity,
    testTimeAugmentation: TestTimeAugmentation = .none, context: Context,
    processes: ProcessGroup? = nil
  ) {
    executor = Executor(network, capacity: capacity, training: false, context: context)
    self.loss = loss
    task = LearningTask(of: network)
    losses = arena.values(of: Double.self, capacity)
    precondition(
      testTimeAugmentation == .none || task.hasAccuracy, "test-time augmentation of reconstructions"
    )
    precondition(
      testTimeAugmentation == .none || processes == nil, "test-time augmentation in processes")
    self.testTimeAugmentation = testTimeAugmentation
    self.processes = processes
    sum =
      testTimeAugmentation == .none
      ? nil
      : Tensor(
        network.outputShape.with(examples: capacity),
        at: arena.floats(capacity * network.outputShape.countPerExample))
  }

  /// Classifies or reconstructs the examples at `indices`.
  ///
  /// - `stage`: the stage that an error names.
  /// - `keepingLogits`: true to return the outputs, too.
  /// - Throws: ``NotFiniteError`` if an output or a loss is not finite, because such an example has
  ///   no prediction.
  public func evaluate(
    _ indices: [Int], of images: ImageSet, normalization: Normalization,
    stage: NotFiniteError.Stage = .evaluation, keepingLogits: Bool = false
  ) throws(NotFiniteError) -> Outcome {
    if let processes, !keepingLogits, processes.count > 1 {
      return try SharedEvaluation(of: indices, among: processes, hasAccuracy: task.hasAccuracy)
        .outcome(labels: indices.map { Int(images.labels[$0]) }) { indices throws(NotFiniteError) in
          try evaluateAlone(
            indices, of: images, normalization: normalization, stage: stage, keepingLogits: false)
        }
    }
    return try evaluateAlone(
      indices, of: images, normalization: normalization, stage: stage,
      keepingLogits: keepingLogits)
  }

  private func evaluateAlone(
    _ indices: [Int], of images: ImageSet, normalization: Normalization,
    stage: NotFiniteError.Stage, keepingLogits: Bool
  ) throws(NotFiniteError) -> Outcome {
    var predictions: [Int] = []
    var losses: [Double] = []
    losses.reserveCapacity(indices.count)
    var single = Outcome.SingleView()
    var logits: [Float]? = keepingLogits && task.hasAccuracy ? [] : nil
    let loader = BatchLoader(images, normalization, into: executor, task: task)
    let views = testTimeAugmentation.views
    for first in stride(from: 0, to: indices.count, by: executor.capacity) {
      let part = MiniBatch(indices[...]).part(from: first, capacity: executor.capacity)
      for (index, view) in views.enumerated() {
        let batch = loader.load(part, as: view.view)
        var outputs = executor.forward(count: batch.count)
        if let sum {
          if index == 0 {
            try append(
              outputs, batch, indices[first...], stage, to: &single.predictions, &single.losses)
          }
          outputs = add(outputs, weight: view.weight, to: sum, startsAnew: index == 0)
          guard index == views.count - 1 else { continue }
        }
        try append(outputs, batch, indices[first...], stage, to: &predictions, &losses)
        logits?.append(contentsOf: outputs.elements)
      }
    }
    return Outcome(
      labels: indices.map { Int(images.labels[$0]) },
      predictions: task.hasAccuracy ? predictions : nil, losses: losses, logits: logits,
      singleView: sum == nil ? nil : single)
  }

  /// Appends the predictions and losses of a batch.
  private func append(
    _ outputs: Tensor, _ batch: Batch, _ indices: ArraySlice<Int>, _ stage: NotFiniteError.Stage,
    to predictions: inout [Int], _ losses: inout [Double]
  ) throws(NotFiniteError) {
    loss.evaluate(
      outputs, batch.targets, batchSize: batch.count, losses: self.losses, gradient: nil,
      in: executor.context)
    for i in 0..<batch.count {
      try checkFinite(outputs, i, example: indices[indices.startIndex + i], stage)
      if task.hasAccuracy { predictions.append(outputs.argmax(ofRow: i)) }
      losses.append(self.losses[i])
    }
  }

  /// Adds the weighted outputs of a view to `sum`.
  ///
  /// - Returns: the rows of `sum` for these outputs.
  private func add(
    _ outputs: Tensor, weight: Float, to sum: Tensor, startsAnew: Bool
  ) -> Tensor {
    let rows = sum.examples(0..<outputs.shape[0])
    for i in 0..<outputs.count {
      rows.base[i] = (startsAnew ? 0 : rows.base[i]) + weight * outputs.base[i]
    }
    return rows
  }

  /// Throws unless the outputs and the loss in row `row` of a batch are finite.
  private func checkFinite(
    _ outputs: Tensor, _ row: Int, example: Int, _ stage: NotFiniteError.Stage
  ) throws(NotFiniteError) {
    let width = outputs.shape.countPerExample
    let squares = executor.context.kernels.sum_of_squares(outputs.base + row * width, width)
    guard squares.isFinite else {
      throw NotFiniteError(stage, tensor: "an output for image \(example)")
    }
    guard losses[row].isFinite else {
      throw NotFiniteError(stage, tensor: "the loss of image \(example)")
    }
  }

  /// The reconstructions of the images at `indices` by an autoencoder, as images of the same size.
  ///
  /// The inverse of the normalization turns outputs into pixels. With binary cross-entropy the
  /// outputs are logits, and their sigmoid is the pixel.
  ///
  /// - Returns: `[indices.count, h, w, c]`, 0…255.
  public func reconstruct(
    _ indices: [Int], of images: ImageSet, normalization: Normalization
  ) -> [UInt8] {
    precondition(task == .reconstruction, "the network gives no images")
    let areLogits = loss == .binaryCrossEntropy
    var pixels: [UInt8] = []
    pixels.reserveCapacity(indices.count * images.imageCount)
    let loader = BatchLoader(images, normalization, into: executor, task: task)
    for first in stride(from: 0, to: indices.count, by: executor.capacity) {
      let part = indices[first..<min(first + executor.capacity, indices.count)]
      loader.loadImages(part)
      for (place, value) in executor.forward(count: part.count).elements.enumerated() {
        pixels.append(
          normalization.byte(
            of: areLogits ? 1 / (1 + exact_exp(-value)) : value,
            channel: place % images.channels))
      }
    }
    return pixels
  }
}
