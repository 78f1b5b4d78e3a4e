import Layers
import Networks
import Tensors
import Testing

@testable import Benchmarking

@Suite struct NetworkCheckTests {
  private func network(_ notation: String) throws -> Sequential {
    let network = try Architecture(notation).network(input: [1, 6, 5, 3], classes: 4)
    network.initialize(seed: 3)
    return network
  }

  /// The examples show the network and two of its steps, and change nothing.
  @Test func showsOutputsAndLosses() throws {
    let network = try network("conv(4,3) bn relu fc(classes)")
    let before = network.parameters.map { $0.storedValues() }
    let check = try NetworkCheck(of: network, context: Context(threadCount: 1))
    #expect(network.parameters.map { $0.storedValues() } == before)
    #expect(check.images.count == 8 * 90 && check.outputs.count == 8 * 4)
    #expect(check.images.allSatisfy { (-1...1).contains($0) } && Set(check.images).count > 100)
    #expect(check.labels == [0, 1, 2, 3, 0, 1, 2, 3])
    #expect(check.losses.count == 2 && check.losses[1] < check.losses[0])
    let again = try NetworkCheck(of: network, context: Context(threadCount: 2))
    #expect(again.outputs == check.outputs && again.losses == check.losses)
  }

  /// Dropout draws numbers that no other program draws.
  @Test func randomNetworksHaveNoLosses() throws {
    let check = try NetworkCheck(
      of: network("conv(4,3) relu dropout(0.5) fc(classes)"), context: Context(threadCount: 1))
    #expect(check.losses.isEmpty && check.outputs.count == 32)
  }
}
