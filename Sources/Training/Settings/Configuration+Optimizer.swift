import Layers

extension Configuration {
  /// True if the optimizer reads the setting `key`, which not every optimizer reads.
  func reads(_ key: String) -> Bool { optimizer.type.settings(in: self).contains(key) }

  /// Sets the learning rate, the schedule and the momentum to the optimizer's own defaults, which
  /// replace the model's. Those of SGD are the model's.
  ///
  /// - Parameter scalesSchedule: true if the schedule has the course's steps of absolute rates.
  mutating func applyDefaultsOfOptimizer(scalesSchedule: Bool) {
    if let rate = optimizer.type.usualLearningRate {
      learningRate = rate
      if scalesSchedule { schedule = Self.courseSchedule(from: rate) }
    }
    if let usual = optimizer.type.usualMomentum { momentum = usual }
  }

  /// Checks that the optimizer reads the given settings, and that they agree.
  ///
  /// A recipe's settings of another optimizer do not count if a flag chooses the optimizer.
  ///
  /// - Throws: ``SettingError`` for another optimizer's setting, and for Nesterov's rule without
  ///   momentum.
  func checkOptimizer(
    recipe: [(key: String, value: String)], flags: [(key: String, value: String)]
  ) throws(SettingError) {
    let isChosenByFlag = flags.contains { $0.key == "opt" || $0.key == "muon-rest" }
    for (key, value) in (isChosenByFlag ? [] : recipe) + flags
    where Optimizers.ownSettings.contains(key) && !reads(key) {
      throw SettingError(
        key: key, problem: "\(optimizer.name) does not read it",
        found: value, expected: "it with --opt \(Optimizers.names(reading: key, in: self)) only")
    }
    let own = groups?.groups ?? []
    if !reads("momentum"), let group = own.first(where: { $0.momentum != nil }) {
      throw SettingError(
        key: "groups", problem: "\(optimizer.name) does not read a momentum",
        found: group.description, expected: "no momentum")
    }
    if optimizer != .muon, let group = own.first(where: { $0.usesMuon != nil }) {
      throw SettingError(
        key: "groups", problem: "\(optimizer.name) has no matrices of Muon",
        found: group.description, expected: "muon=… with --opt muon only")
    }
    let momenta = [momentum] + own.compactMap(\.momentum)
    if reads("nesterov") && nesterov && momenta.allSatisfy({ $0 == 0 }) {
      throw SettingError(
        key: "nesterov", problem: "the momentum is 0, and Nesterov's rule needs one", found: nil,
        expected: "--momentum above 0, such as 0.9")
    }
  }

  /// The groups of the matrices that Muon updates: the weights of all convolutions and fully
  /// connected layers but the network's last weight. Filters of a depthwise convolution, and those of
  /// different groups, read different channels, so they are no rows of one matrix.
  func muonGroups(of network: Sequential) -> [ParameterGroup] {
    guard optimizer == .muon else { return [] }
    let last = network.parameters.last { $0.kind == .weight }
    return network.layers.filter {
      !($0 is DepthwiseConvolution2D) && (($0 as? Convolution2D)?.groups ?? 1) == 1
    }.flatMap(\.parameters)
      .filter { $0.kind == .weight && $0 !== last }
      .map { ParameterGroup(.named($0.name), usesMuon: true) }
  }

  /// Checks that Muon has a matrix to update.
  ///
  /// - Throws: ``SettingError`` if it has none.
  func checkMuon(_ parameters: OptimizedParameters) throws(SettingError) {
    guard optimizer == .muon, !parameters.entries.contains(where: \.hyperparameters.usesMuon)
    else { return }
    throw SettingError(
      key: "opt", problem: "the network has no trained weight before its last one",
      found: optimizer.name, expected: "another optimizer, or --groups \"weight: muon=yes\"")
  }
}
