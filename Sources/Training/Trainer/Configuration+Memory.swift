import Layers
import Tensors

extension Configuration {
  /// Holds a run to the memory that is available, before the run allocates more than its network.
  ///
  /// The forecast counts the activations and their gradients, the gradients of the lanes, the optimizer's
  /// state, the batches of augmented images, the evaluators of validation and test, and the
  /// copies that saving a checkpoint takes.
  ///
  /// - Parameters:
  ///   - capacity: the most examples that the network takes at a time.
  ///   - imageCount: the number of bytes of one image; 0 if none are augmented.
  ///   - besides: the bytes of what else is trained.
  ///   - available: the bytes that may be taken; nil if unknown.
  /// - Throws: ``SettingError`` if the run would take more.
  package func checkMemory(
    of network: Sequential, capacity: Int, imageCount: Int = 0, besides: Int = 0,
    in context: Context, available: Int? = AvailableMemory.bytes
  ) throws(SettingError) {
    guard let available else { return }
    let greatest = imageSizes?.sides.max() ?? network.inputShape[1]
    let network = (try? network.forImages(ofHeight: greatest)) ?? network
    let parameters = besides + parameterBytes(of: network, capacity: capacity)
    // Four times all activations is more than any plan takes; most runs are far below.
    let values = network.outputShapes.reduce(network.inputShape.count) { $0 + $1.count }
    let (bound, overflow) =
      (16 * values + 4 * imageCount)
      .multipliedReportingOverflow(by: capacity + 2 * Evaluator.defaultCapacity)
    guard overflow || bound > available - parameters else { return }
    guard parameters <= available else {
      throw SettingError(
        key: text("model") == nil ? "arch" : "model",
        problem: "the gradients and copies of its parameters take "
          + "\(AvailableMemory.text(parameters)) of memory",
        found: text("model") ?? text("arch"),
        expected: "at most the \(AvailableMemory.text(available)) available")
    }
    let batches = augmentation.isEmpty ? 0 : 2 * imageCount * (capacity + 2 * Context.laneCount)
    let room = available - parameters
    let (sum, isTooLarge) =
      Self.executorBytes(of: network, capacity: capacity, in: context, room: room)
      .addingReportingOverflow(
        parameters + batches + 2 * Self.evaluationBytes(of: network, in: context, room: room))
    let needed = isTooLarge ? Int.max : Self.withMargin(sum)
    guard needed > available else { return }
    throw SettingError(
      key: "batch-size",
      problem: "activations, gradients and copies take "
        + "\(AvailableMemory.text(needed)) of memory, and "
        + "\(AvailableMemory.text(available)) are available",
      found: "\(batchSize)", expected: "a smaller batch or network")
  }

  /// The bytes of everything with the size of the parameters that a run allocates after its network: lanes'
  /// gradients, the optimizer's state, the values before a step, and a checkpoint's values, bytes and parsed bytes.
  func parameterBytes(of network: Sequential, capacity: Int) -> Int {
    var lanes = 0
    for (index, layer) in network.layers.enumerated() {
      let input = network.inputShape(ofLayer: index).with(examples: capacity)
      if let layer = layer as? any BatchLayer, layer.takesWholeBatch(of: input) { continue }
      lanes += layer.parameters.reduce(0) { $0 + ($1.isTrained ? $1.memoryCount : 0) }
    }
    let trained = network.parameters.reduce(0) { $0 + ($1.isTrained ? $1.memoryCount : 0) }
    let all = network.parameters.reduce(0) { $0 + $1.memoryCount }
    // Plain SGD has one slot with momentum; no other rule has more than three.
    let slots = optimizer == .sgd ? (momentum > 0 || groups != nil ? 1 : 0) : 3
    // An average has its own values, and the network's stand beside them while it is shown.
    let averages = (emaDecay != nil || swaEpoch != nil ? 2 : 0) + (lookahead != nil ? 1 : 0)
    let state = slots * trained + averages * all
    // `trained` is for the values before a step, whose change is measured.
    return 4 * (lanes * Context.laneCount + state + trained + 3 * (all + state))
  }

  /// The bytes of shared memory that processes of one host take at most: the parameters with their gradients and
  /// the optimizer's state, sums, and what layers of the whole batch exchange.
  func sharedBytes(of network: Sequential, processes: Int) -> Int {
    let all = network.parameters.reduce(0) { $0 + $1.memoryCount }
    var floats = all * (8 + processes)
    for (index, layer) in network.layers.enumerated() {
      let share = (batchSize + processes - 1) / processes
      let input = network.inputShape(ofLayer: index).with(examples: share)
      guard let layer = layer as? any BatchLayer, layer.takesWholeBatch(of: input) else { continue }
      let output = (try? layer.outputShape(for: input))?.count ?? 0
      floats +=
        processes
        * (2 * input.count + 2 * output + layer.sharedScratchCount(for: input, threads: share))
    }
    return Self.withMargin(4 * floats)
  }

  /// `bytes` with the gaps between blocks, threads' stacks, drawn images and the like.
  static func withMargin(_ bytes: Int) -> Int {
    let (sum, overflow) = bytes.addingReportingOverflow(bytes / 16 + (16 << 20))
    return overflow ? Int.max : sum
  }

  /// The bytes that an ``Evaluator`` takes.
  static func evaluationBytes(
    of network: Sequential, in context: Context, room: Int = Int.max
  ) -> Int {
    executorBytes(
      of: network, capacity: Evaluator.defaultCapacity, training: false, in: context, room: room)
  }

  /// Why `network` cannot be evaluated in the memory that is available; nil if it can.
  public static func evaluationProblem(
    of network: Sequential, in context: Context, available: Int? = AvailableMemory.bytes
  ) -> String? {
    guard let available else { return nil }
    let needed = withMargin(evaluationBytes(of: network, in: context, room: available))
    guard needed > available else { return nil }
    return "not enough memory for its activations (found \(AvailableMemory.text(available)), "
      + "expected \(AvailableMemory.text(needed)))"
  }

  /// The bytes that an executor for `capacity` examples would take. The threads' scratch memory and that of the
  /// convolutions' algorithms do not count.
  ///
  /// Executors for a few examples are made, and the rest is in proportion: every tensor has the same size
  /// for each example.
  ///
  /// - Parameter room: the bytes that may be taken. Where it is narrow, executors for one example and two
  ///   are enough for a rougher estimate.
  static func executorBytes(
    of network: Sequential, capacity: Int, training: Bool = true, in context: Context,
    room: Int = Int.max
  ) -> Int {
    func blocks(_ capacity: Int) -> [Int] {
      Executor.blockSizes(
        of: network, capacity: capacity, training: training, context: context)
    }
    let few = Context.laneCount
    let one = blocks(1)
    guard capacity > 1 else { return Arena.footprint(ofBlocks: one) }
    let two = blocks(2)
    let (sum, each) = (one.reduce(0, +), max(0, two.reduce(0, +) - one.reduce(0, +)))
    if sum + each * min(3 * few, capacity) > room / 2 {
      return footprint(of: one, for: 1, and: two, for: 2, at: capacity)
    }
    guard capacity > 2 * few else { return Arena.footprint(ofBlocks: blocks(capacity)) }
    return footprint(of: blocks(few), for: few, and: blocks(2 * few), for: 2 * few, at: capacity)
  }

  /// The bytes that tensors take for `capacity` examples; `Int.max` where there are too many to count.
  ///
  /// - Parameters:
  ///   - less: the sizes of the tensors for `few` examples.
  ///   - more: those for `many` examples.
  private static func footprint(
    of less: [Int], for few: Int, and more: [Int], for many: Int, at capacity: Int
  ) -> Int {
    var (sizes, total): ([Int], Int) = ([], 0)
    for (less, more) in zip(less, more) {
      let (product, isHuge) = max(0, more - less).multipliedReportingOverflow(by: capacity - few)
      let size = less + product / (many - few)
      sizes.append(size)
      let (sum, isTooLarge) = total.addingReportingOverflow(size)
      guard !isHuge, !isTooLarge, sum < Int.max / 2 else { return Int.max }
      total = sum
    }
    return Arena.footprint(ofBlocks: sizes)
  }
}
