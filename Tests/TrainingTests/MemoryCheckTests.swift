import Tensors
import Testing

@testable import Layers
@testable import Networks
@testable import Training

@Suite struct MemoryCheckTests {
  private static let notations = [
    "conv(8,3) relu pool(2) fc(classes)",
    "conv(8,3,bias=no) bn relu res(conv(8,3) bn relu) conv(16,3) gelu globalavg fc(classes)",
  ]

  /// The estimate is what an executor then takes, but for the rounding of blocks and for one chunk of
  /// 2 MB, the unit of large arenas.
  @Test(arguments: notations, [40, 100, 333, 2048])
  func theEstimateIsWhatIsTaken(_ notation: String, _ capacity: Int) throws {
    let network = try Architecture(notation).network(input: [1, 16, 16, 1], classes: 3)
    let context = try Context(starting: 2)
    let estimate = Configuration.executorBytes(of: network, capacity: capacity, in: context)
    let taken = Executor(network, capacity: capacity, training: true, context: context).byteCount
    #expect(abs(estimate - taken) <= max(taken / 50, 2 << 20), "\(estimate) of \(taken)")
  }

  @Test func aBatchThatDoesNotFitIsRefused() throws {
    let network = try Architecture(Self.notations[0]).network(input: [1, 28, 28, 1], classes: 10)
    let context = try Context(starting: 2)
    var configuration = Configuration()
    configuration.batchSize = 65_536
    let error = #expect(throws: SettingError.self) {
      try configuration.checkMemory(
        of: network, capacity: 65_536, in: context, available: 100_000_000)
    }
    #expect(error?.key == "batch-size" && error?.found == "65536")
    #expect(error?.problem.hasSuffix("and 100 MB are available") == true, "\(error?.problem ?? "")")
    try configuration.checkMemory(of: network, capacity: 64, in: context, available: 100_000_000)
    try configuration.checkMemory(of: network, capacity: 65_536, in: context, available: nil)
  }

  /// What the forecast counts besides activations is what is then allocated.
  @Test func parametersAndTheirCopiesCount() throws {
    let network = try Architecture("fc(64) relu fc(classes)").network(
      input: [1, 8, 8, 1], classes: 10)
    let weights = network.parameters.reduce(0) { $0 + $1.memoryCount }
    var configuration = Configuration()
    // One slot, the values before a step, and three copies of values and slot.
    #expect(configuration.parameterBytes(of: network, capacity: 8) == 4 * 8 * weights)
    configuration.momentum = 0
    #expect(configuration.parameterBytes(of: network, capacity: 8) == 4 * 4 * weights)
    // A small convolution has a gradient for each of the lanes besides.
    let convolution = try Architecture("conv(4,3) fc(classes)").network(
      input: [1, 8, 8, 1], classes: 10)
    let all = convolution.parameters.reduce(0) { $0 + $1.memoryCount }
    let lanes = convolution.layers[0].parameters.reduce(0) { $0 + $1.memoryCount }
    #expect(
      configuration.parameterBytes(of: convolution, capacity: 8)
        == 4 * Context.laneCount * lanes + 4 * 4 * all)
  }

  @Test func aNetworkThatDoesNotFitIsRefused() throws {
    let network = try Architecture("fc(512) relu fc(classes)").network(
      input: [1, 28, 28, 1], classes: 10)
    var configuration = Configuration()
    try configuration.set("arch", to: "fc(512) relu fc(classes)")
    let context = try Context(starting: 1)
    let error = #expect(throws: SettingError.self) {
      try configuration.checkMemory(
        of: network, capacity: 8, in: context, available: 10_000_000)
    }
    #expect(error?.key == "arch")
    #expect(error?.expected == "at most the 10 MB available")
  }

  /// The images of two batches in preparation can be what is too much.
  @Test func augmentedBatchesCount() throws {
    let network = try Architecture("pool(14) fc(classes)").network(
      input: [1, 28, 28, 1], classes: 10)
    var configuration = Configuration()
    let context = try Context(starting: 1)
    let most =
      Configuration.withMargin(
        Configuration.executorBytes(of: network, capacity: 1000, in: context)
          + configuration.parameterBytes(of: network, capacity: 1000)
          + 2 * Configuration.evaluationBytes(of: network, in: context)) + 10_000_000
    func check() throws {
      try configuration.checkMemory(
        of: network, capacity: 1000, imageCount: 10_000, in: context, available: most)
    }
    try check()
    try configuration.set("augment", to: "flip")
    #expect(throws: SettingError.self) { try check() }
  }
}
