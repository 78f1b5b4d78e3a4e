/// The place of a layer's output in an ``ExampleRun``, from the forward pass to the backward pass.
enum ActivationStorage: Equatable {
  /// In memory of its own, for the whole batch.
  case stored
  /// In the thread's memory, until the next layer has read it. The backward pass does not read it.
  case passing
  /// Like ``passing``, and overwrites the layer's input.
  case passingInPlace
  /// In the thread's memory. The backward pass recomputes it for each chunk, into memory of
  /// its own.
  case recomputed
  /// Like ``recomputed``, and overwrites the layer's input, forward and backward.
  case recomputedInPlace
}

extension ActivationStorage {
  /// Chooses the storage of each output of a run, in two passes.
  ///
  /// The first pass marks the outputs that the backward pass reads. The second pass goes forward
  /// through the run. It stores the run's output unless the run is a prologue. It stores an output
  /// that the backward pass reads, unless the backward pass can recompute it: all layers from an
  /// available activation up to it are recomputed.
  ///
  /// - Parameters:
  ///   - isPrologue: true if a streaming layer reads the run's output, one example at a time.
  ///     Otherwise the next unit, or the caller, reads it for the whole batch.
  ///   - hasInput: true if the run's input is stored.
  static func assign(
    to layers: [PlannedLayer], isPrologue: Bool, hasInput: Bool
  ) -> [ActivationStorage] {
    let last = layers.count - 1
    let isRead = layers.indices.map {
      $0 == last ? layers[$0].isReadByOwnBackward : layers[$0].isReadByBackward
    }

    var storage: [ActivationStorage] = []
    /// The recomputed layers since the last output that the backward pass can read; nil if another
    /// layer lies between.
    var chain: Range<Int>? = hasInput ? 0..<0 : nil
    for (index, planned) in layers.enumerated() {
      let layer = planned.layer
      let inputIsPassing = index > 0 && storage[index - 1] != .stored
      let inPlace = layer.mayWorkInPlace && inputIsPassing
      let isOutput = index == last && !isPrologue
      if isOutput || isRead[index] && (chain == nil || !layer.isRecomputed) {
        storage.append(.stored)
        chain = index + 1..<index + 1
        continue
      }
      storage.append(inPlace ? .passingInPlace : .passing)
      guard layer.isRecomputed, let begun = chain else {
        chain = nil
        continue
      }
      chain = begun.lowerBound..<index + 1
      guard isRead[index] else { continue }
      for link in begun.lowerBound...index {
        let overwrites = link > begun.lowerBound && layers[link].layer.mayWorkInPlace
        storage[link] = overwrites ? .recomputedInPlace : .recomputed
      }
      chain = index + 1..<index + 1
    }
    return storage
  }
}
