import Datasets
import Layers
import Tensors

/// Fills batches: converts pixels, with or without augmentation, to the network's input, and labels
/// to targets.
package final class BatchLoader {
  private let images: ImageSet
  private let normalization: Normalization
  private let task: LearningTask
  private let smoothing: Double
  /// The destination of images, `[capacity, h, w, c]`.
  private let input: Tensor
  private let context: Context
  private let arena = Arena()
  /// `[capacity]`
  private let labels: UnsafeMutablePointer<Int32>
  /// Nil without augmentation.
  private let augmented: AugmentedBatches?
  private let mixes: Bool
  /// `[lanes, h, w, c]`, made for the first view that changes images.
  private var viewScratch: UnsafeMutablePointer<UInt8>?
  private let clock = ContinuousClock()
  /// The total time of all calls of ``load(_:)``, including normalization.
  private(set) var seconds = 0.0

  /// - Parameters:
  ///   - executor: the executor whose input receives the images.
  ///   - smoothing: the label smoothing.
  ///   - augmenter: computes the images, unless it changes none.
  package init(
    _ images: ImageSet, _ normalization: Normalization, into executor: Executor,
    task: LearningTask, smoothing: Double = 0, augmenter: Augmenter? = nil
  ) {
    self.images = images
    self.normalization = normalization
    self.task = task
    self.smoothing = smoothing
    input = executor.input
    context = executor.context
    labels = arena.values(of: Int32.self, executor.capacity)
    let augmenter = augmenter.flatMap { $0.isIdentity ? nil : $0 }
    augmented = augmenter.map {
      AugmentedBatches($0, capacity: executor.share.capacity(among: executor.capacity))
    }
    mixes = augmenter?.augmentation.mixes ?? false
  }

  /// Loads a micro-batch into the executor's input.
  ///
  /// - Parameter view: the view of the images, for a loader without augmentation.
  /// - Returns: the micro-batch, valid until the next call.
  func load(_ part: MiniBatch, as view: ImageView = .plain) -> Batch {
    let start = clock.now
    defer { seconds += (clock.now - start) / .seconds(1) }
    let count = part.indices.count
    let classes: ClassTargets
    if let augmented {
      let batch = augmented.take(part.indices, epoch: part.epoch, next: part.next, in: context)
      normalize(batch.pixels, count: count)
      classes = ClassTargets(
        borrowing: UnsafeBufferPointer(start: batch.labels, count: count),
        mixed: mixes
          ? (
            UnsafeBufferPointer(start: batch.others, count: count),
            UnsafeBufferPointer(start: batch.shares, count: count)
          ) : nil,
        smoothing: smoothing)
    } else {
      loadImages(part.indices, as: view)
      images.gatherLabels(part.indices, into: labels)
      classes = ClassTargets(
        borrowing: UnsafeBufferPointer(start: labels, count: count), smoothing: smoothing)
    }
    let images = input.examples(0..<count)
    return Batch(images: images, targets: task.targets(images: images, classes: classes))
  }

  /// The total weight in `criterion` of a mini-batch's examples.
  func totalWeight(of batch: MiniBatch, by criterion: Criterion) -> Double {
    let first = batch.indices.startIndex
    return criterion.totalWeight(count: batch.indices.count, areMixed: mixes) {
      Int(images.labels[batch.indices[first + $0]])
    }
  }

  /// Normalizes `count` contiguous images into the input, with all threads.
  private func normalize(_ pixels: UnsafePointer<UInt8>, count: Int) {
    let imageCount = input.shape.countPerExample
    context.pool.run(Context.laneCount) { lane, _ in
      let range = Context.examples(ofLane: lane, among: count)
      normalization.normalize(
        pixels + range.lowerBound * imageCount, count: range.count * imageCount,
        into: input.base + range.lowerBound * imageCount)
    }
  }

  /// Normalizes the images at `indices` into the input, with all threads.
  package func loadImages(_ indices: ArraySlice<Int>, as view: ImageView = .plain) {
    guard view == .plain else { return loadViews(indices, view) }
    indices.withUnsafeBufferPointer { indices in
      context.pool.run(Context.laneCount) { lane, _ in
        let range = Context.examples(ofLane: lane, among: indices.count)
        normalization.gather(
          UnsafeBufferPointer(rebasing: indices[range]), from: images,
          into: input.base + range.lowerBound * images.imageCount)
      }
    }
  }

  private func loadViews(_ indices: ArraySlice<Int>, _ view: ImageView) {
    let imageCount = images.imageCount
    let scratch = viewScratch ?? arena.bytes(Context.laneCount * imageCount)
    viewScratch = scratch
    context.pool.run(Context.laneCount) { lane, _ in
      let image = scratch + lane * imageCount
      let range = Context.examples(ofLane: lane, among: indices.count)
      for place in range {
        images.write(indices[indices.startIndex + place], as: view, into: image)
        normalization.normalize(image, count: imageCount, into: input.base + place * imageCount)
      }
    }
  }
}
