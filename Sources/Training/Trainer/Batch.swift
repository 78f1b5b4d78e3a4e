import Layers
import Tensors

/// Some examples as input for the network and targets for the loss.
struct Batch {
  /// `[count, h, w, c]`, in the executor's input.
  let images: Tensor
  /// The targets of the outputs, valid until the next batch is loaded.
  let targets: Targets

  var count: Int { images.shape[0] }
}

/// The examples of one step.
package struct MiniBatch {
  /// The indices of the examples in the data set.
  package let indices: ArraySlice<Int>
  /// The epoch, from 0; augmentation differs in each epoch.
  package let epoch: Int
  /// The examples of the epoch's next step, if there is one, which are augmented in advance.
  package let next: ArraySlice<Int>

  package init(_ indices: ArraySlice<Int>, epoch: Int = 0, next: ArraySlice<Int> = []) {
    self.indices = indices
    self.epoch = epoch
    self.next = next
  }

  /// The examples that a process computes of a micro-batch that several processes share. The examples of
  /// ``next`` are those that it will compute of the next one.
  func owned(by share: LaneShare) -> MiniBatch {
    guard share != .whole else { return self }
    func own(_ indices: ArraySlice<Int>) -> ArraySlice<Int> {
      let range = share.examples(among: indices.count)
      return indices[
        indices.startIndex + range.lowerBound..<indices.startIndex + range.upperBound]
    }
    return MiniBatch(own(indices), epoch: epoch, next: own(next))
  }

  /// The micro-batch that starts at example `first` and has at most `capacity` examples. Its
  /// ``next`` are the examples of the following micro-batch.
  func part(from first: Int, capacity: Int) -> MiniBatch {
    let start = indices.startIndex + first
    let end = min(start + capacity, indices.endIndex)
    let following =
      end < indices.endIndex
      ? indices[end..<min(end + capacity, indices.endIndex)] : next.prefix(capacity)
    return MiniBatch(indices[start..<end], epoch: epoch, next: following)
  }
}
