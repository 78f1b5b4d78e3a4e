import Layers

extension Configuration {
  /// The hyperparameters of the network's parameters.
  ///
  /// - Throws: ``SettingError`` if weight decay names a parameter that does not exist, a learning
  ///   rate factor names a layer that does not exist, or a group selects nothing.
  public func parameterGroups(of network: Sequential) throws(SettingError) -> [ParameterGroup] {
    let decay = Float(weightDecay)
    var groups = [ParameterGroup(.all, momentum: Float(momentum))]
    switch decaySelection {
    case .all: groups.append(ParameterGroup(.all, weightDecay: decay))
    case .weights: groups.append(ParameterGroup(.kind(.weight), weightDecay: decay))
    case .hidden:
      groups.append(ParameterGroup(.kind(.weight), weightDecay: decay))
      if let last = network.parameters.last(where: { $0.kind == .weight }) {
        groups.append(ParameterGroup(.named(last.name), weightDecay: 0))
      }
    case .named(let names):
      let known = network.trainedParameters.map(\.name)
      for name in names {
        guard known.contains(name) else {
          throw SettingError(
            key: "weight-decay-on", found: name,
            expected: "all, weights, hidden, or some of \(known.joined(separator: ", "))")
        }
        groups.append(ParameterGroup(.named(name), weightDecay: decay))
      }
    }
    groups += muonGroups(of: network)
    groups += try learningRateFactors?.groups(of: network) ?? []
    groups +=
      try self.groups?.parameterGroups(of: network, learningRate: learningRate) ?? []
    return groups
  }

  /// Checks that the views of test-time augmentation fit the network and its images.
  ///
  /// - Throws: ``SettingError`` if they do not fit.
  public func checkViews(
    of network: Sequential, height: Int, width: Int
  ) throws(SettingError) {
    if network.isAutoencoder && testTimeAugmentation != .none {
      throw SettingError(
        key: "tta", problem: "the network gives images, which are not averaged over views",
        found: testTimeAugmentation.rawValue, expected: "none")
    }
    if testTimeAugmentation == .mirrorShift && min(height, width) < 2 {
      throw SettingError(
        key: "tta", problem: "the images are of \(height)×\(width)",
        found: testTimeAugmentation.rawValue, expected: "mirror or none, or larger images")
    }
  }

  /// Checks that batch normalization gets at least two values per channel. With one value, the
  /// variance is 0 and the output is β for every input.
  ///
  /// - `network`: the network, which takes images of all ``imageSizes``.
  /// - `count`: the number of training examples.
  /// - Throws: ``SettingError`` if a layer with one value per channel and example gets a batch of
  ///   one example, including the last batch of an epoch.
  public func checkBatches(of network: Sequential, examples count: Int) throws(SettingError) {
    let last = dropsLast || count % batchSize == 0 ? batchSize : count % batchSize
    guard min(last, batchSize) == 1 else { return }
    let sized = imageSizes?.sides.compactMap { try? network.forImages(ofHeight: $0) }
    for network in sized ?? [network] { try checkValues(of: network, examples: count) }
  }

  /// The same for images of one size, with a batch of one example.
  private func checkValues(of network: Sequential, examples count: Int) throws(SettingError) {
    for (index, layer) in network.layers.enumerated() {
      guard let normalization = layer as? BatchNormalization, !normalization.isFrozen,
        network.inputShape(ofLayer: index).countPerExample == normalization.channels
      else { continue }
      let which = batchSize == 1 ? "a batch" : "the last batch of \(count) training examples"
      throw SettingError(
        key: "batch-size",
        problem:
          "\(layer.name) would normalize a single value per channel, as \(which) has 1 example",
        found: "\(batchSize)", expected: "another --batch-size\(Self.example(count))")
    }
  }

  /// A suggestion for the message: a batch size that leaves no batch of one example.
  private static func example(_ count: Int) -> String {
    guard
      let size = [64, 50, 32, 100, 48, 10, 3, 2].first(where: { $0 < count && count % $0 != 1 })
    else { return " and more training examples" }
    return ", such as \(size)"
  }

  /// The number of examples of one step.
  var stepSize: Int { batchSize * accumulate }

  /// The number of steps of an epoch of `count` examples.
  func stepsPerEpoch(examples count: Int) -> Int {
    dropsLast ? count / stepSize : (count + stepSize - 1) / stepSize
  }

  /// - Parameter count: the number of training examples.
  /// - Throws: ``SettingError`` if no step is left of an epoch.
  func checkSteps(examples count: Int) throws(SettingError) {
    guard stepsPerEpoch(examples: count) == 0 else { return }
    throw SettingError(
      key: "drop-last", problem: "an epoch of \(count) examples has no full step",
      found: "steps of \(stepSize)", expected: "a smaller --batch-size, or no --drop-last")
  }
}
