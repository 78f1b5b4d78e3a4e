import Layers
import Tensors

extension Configuration {
  /// Holds the batch size to the memory that is available, before anything of that size is allocated.
  ///
  /// Call this when parameters, their gradients, their averages and the optimizer's state have their memory.
  ///
  /// - Parameters:
  ///   - capacity: the most examples that the network takes at a time.
  ///   - available: the bytes that may be taken; nil if unknown.
  /// - Throws: ``SettingError`` if activations and their gradients take more.
  func checkMemory(
    of network: Sequential, capacity: Int, in context: Context,
    available: Int? = AvailableMemory.bytes
  ) throws(SettingError) {
    guard let available else { return }
    let greatest = imageSizes?.sides.max() ?? network.inputShape[1]
    let network = (try? network.forImages(ofHeight: greatest)) ?? network
    // Four times all activations is more than any plan takes; most runs are far below.
    let values = network.outputShapes.reduce(network.inputShape.count) { $0 + $1.count }
    let (bound, overflow) = (16 * values).multipliedReportingOverflow(by: capacity)
    guard overflow || bound > available else { return }
    let needed = Self.executorBytes(of: network, capacity: capacity, in: context)
    guard needed > available else { return }
    throw SettingError(
      key: "batch-size",
      problem: "activations and gradients take \(Self.gigabytes(needed)) GB of memory, and "
        + "\(Self.gigabytes(available)) GB are available",
      found: "\(batchSize)", expected: "a smaller batch or network")
  }

  /// The bytes that an executor for `capacity` examples would take in training, without making it.
  ///
  /// Executors for a few examples are made, and the rest is in proportion: every tensor has the same size
  /// for each example.
  static func executorBytes(of network: Sequential, capacity: Int, in context: Context) -> Int {
    func bytes(_ capacity: Int) -> Int {
      Executor(network, capacity: capacity, training: true, context: context).byteCount
    }
    let few = Context.laneCount
    guard capacity > 2 * few else { return bytes(capacity) }
    let (less, more) = (bytes(few), bytes(2 * few))
    let (product, overflow) = (more - less).multipliedReportingOverflow(by: capacity - few)
    return overflow ? Int.max : less + product / few
  }

  private static func gigabytes(_ bytes: Int) -> String {
    let tenths = Int((Double(bytes) / 1e8).rounded(.up))
    return "\(tenths / 10).\(tenths % 10)"
  }
}
