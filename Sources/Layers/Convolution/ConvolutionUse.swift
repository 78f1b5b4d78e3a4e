import Tensors

/// What a convolution is for. The choice of an algorithm and of a tile depends on it; a pass may get any other number of
/// examples.
package struct ConvolutionUse: Equatable {
  /// The examples of a step, which share what an algorithm does once for a batch; at most ``greatestBatch``.
  let batch: Int
  /// True for forward passes alone, with weights that do not change and are transformed before.
  let isInference: Bool

  /// The batch if nothing else is known.
  package static let usualBatch = 32
  /// The batch above which the choice does not change: what is done once for each has no weight.
  private static let greatestBatch = 128

  package init(batch: Int = usualBatch, isInference: Bool = false) {
    self.batch = min(batch, Self.greatestBatch)
    self.isInference = isInference
  }

  /// The examples of a call, which share what an algorithm does once for a call: those of a lane. Inference has no
  /// lanes, but also calls of few examples, whose activations in several layers fit the cache.
  package var callExamples: Int { (batch + Context.laneCount - 1) / Context.laneCount }
}
