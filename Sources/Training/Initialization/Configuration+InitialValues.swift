import Layers

extension Configuration {
  /// Sets the network's initial values: drawn from the seed, and computed from the training images
  /// where the settings ask for it.
  ///
  /// - Throws: ``SettingError`` if the first layer cannot whiten patches.
  public func initialize(_ network: Sequential, for data: TrainingData) throws(SettingError) {
    network.initialize(seed: seed, by: initialization)
    if let headStd { network.scaleHead(toStd: Float(headStd)) }
    guard let whiteningImages else { return }
    guard let first = network.layers.first as? Convolution2D, !(first is Convolution1D) else {
      throw SettingError(
        key: "whiten", problem: "the network does not begin with a convolution", found: nil,
        expected: "a network that begins with conv, or no --whiten")
    }
    guard first.groups == 1 else {
      throw SettingError(
        key: "whiten", problem: "the filters of \(first.name) do not read all channels of a patch",
        found: "\(first.groups) groups", expected: "one group, or no --whiten")
    }
    guard first.kernel.height <= data.images.height, first.kernel.width <= data.images.width else {
      throw SettingError(
        key: "whiten", problem: "the kernel of \(first.name) is larger than the images",
        found: "\(first.kernel)", expected: "at most \(data.images.height)x\(data.images.width)")
    }
    let most = Whitening.mostFilters(for: first)
    guard first.outputChannels <= most else {
      throw SettingError(
        key: "whiten",
        problem: "\(first.name) has more filters than there are whitening filters for its patches",
        found: "\(first.outputChannels)", expected: "at most \(most)")
    }
    let whitening = Whitening(
      for: first, from: Array(data.training.prefix(whiteningImages)), of: data.images,
      data.normalization)
    first.weight.setValues(stored: whitening.weight)
  }
}
