import Layers
import Networks
import Tensors

extension Configuration {
  /// The settings of the selection of examples.
  static let selectionSettings: [Setting] = [
    Setting(
      "proxy", get: { $0.proxy?.canonical },
      set: { (configuration, found) throws(SettingError) in
        do throws(NotationError) {
          configuration.proxy = try Architecture(found)
        } catch { throw SettingError("proxy", error) }
      }
    )
    .flag(
      .training,
      "A small network in the course's notation that finds hard examples; see --hardest.",
      words: { Architecture.completionWords }),
    .value(
      "hardest", \.hardest, expected: HardestExamples.forms, text: { $0?.description },
      parse: { HardestExamples($0).map { .some($0) } }
    )
    .flag(
      .training,
      "Train on the examples of each batch with the greatest losses of --proxy: keep=512,every=4.",
      value: "count"),
  ]

  /// The number of examples that a step of `count` examples trains on.
  func trainedExamples(of count: Int) -> Int { min(count, hardest?.keep ?? count) }

  /// The network of `proxy`, with initial values of its own; nil without one.
  ///
  /// - Parameter network: the network that is trained on what the proxy selects.
  /// - Throws: ``SettingError`` for a proxy that does not fit the data, and settings that contradict it.
  func proxyNetwork(
    for network: Sequential, _ data: TrainingData
  ) throws(SettingError) -> Sequential? {
    guard let proxy, let hardest else {
      guard proxy == nil, hardest == nil else {
        let (key, other) = proxy == nil ? ("hardest", "proxy") : ("proxy", "hardest")
        throw SettingError(
          key: key, problem: "it needs --\(other), too", found: text(key), expected: "both or none")
      }
      return nil
    }
    guard accumulate == 1 else {
      throw SettingError(
        key: "hardest", problem: "it selects from one batch a step",
        found: "accumulate \(accumulate)",
        expected: "--accumulate 1")
    }
    guard hardest.keep < min(batchSize, data.training.count) else {
      throw SettingError(
        key: "hardest", problem: "a batch has \(min(batchSize, data.training.count)) examples",
        found: "\(hardest)", expected: "fewer to keep")
    }
    let result: Sequential
    do throws(NotationError) {
      result = try proxy.network(input: network.inputShape, classes: data.images.classes)
    } catch { throw SettingError("proxy", error) }
    guard LearningTask(of: network) == .classification, LearningTask(of: result) == .classification
    else {
      throw SettingError(
        key: "proxy", problem: "a network that gives images has no hard examples", found: nil,
        expected: "two networks that end in fc(classes)")
    }
    try checkBatches(of: result, examples: data.training.count)
    try forProxy.initialize(result, for: data)
    try chooseConvolutionAlgorithms(of: result)
    return result
  }

  /// The bytes that the proxy's parameters and batches of `capacity` examples take; 0 without one.
  func proxyBytes(of proxy: Sequential?, capacity: Int, in context: Context) -> Int {
    guard let proxy else { return 0 }
    return parameterBytes(of: proxy, capacity: capacity)
      + Self.executorBytes(of: proxy, capacity: capacity, in: context)
  }

  /// The settings with a seed of the proxy's own.
  var forProxy: Configuration {
    var random = Random(seed: seed, domain: .proxy)
    var result = self
    result.seed = UInt64(random.nextBits()) << 32 | UInt64(random.nextBits())
    return result
  }
}

extension SettingError {
  /// The error of a network's notation in the setting `key`.
  init(_ key: String, _ error: NotationError) {
    self.init(
      key: key, problem: "position \(error.position), \(error.layer): \(error.problem)", found: nil,
      expected: error.expected)
  }
}
