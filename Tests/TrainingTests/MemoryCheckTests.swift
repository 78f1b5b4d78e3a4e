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

  /// The estimate is what an executor then takes, but for the rounding of blocks.
  @Test(arguments: notations, [40, 100, 333])
  func theEstimateIsWhatIsTaken(_ notation: String, _ capacity: Int) throws {
    let network = try Architecture(notation).network(input: [1, 16, 16, 1], classes: 3)
    let context = try Context(starting: 2)
    let estimate = Configuration.executorBytes(of: network, capacity: capacity, in: context)
    let taken = Executor(network, capacity: capacity, training: true, context: context).byteCount
    #expect(abs(Double(estimate) / Double(taken) - 1) < 0.02, "\(estimate) of \(taken)")
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
    #expect(error?.problem.hasSuffix("and 0.1 GB are available") == true, "\(error?.problem ?? "")")
    try configuration.checkMemory(of: network, capacity: 64, in: context, available: 100_000_000)
    try configuration.checkMemory(of: network, capacity: 65_536, in: context, available: nil)
  }
}
