import Tensors
import Testing

@testable import Layers
@testable import Networks

/// The pairs of neighbors that are fused, and those that are not.
@Suite struct FusionTableTests {
  @Test func everyRuleSaysItsLayers() {
    #expect(
      Fusion.rules.map { "\($0.pattern) -> \($0.fused)" } == [
        "ReLU, MaxPooling -> MaxPooling that rectifies",
        "MaxPooling, ReLU -> MaxPooling that rectifies",
        "BatchNormalization, ReLU -> RectifiedBatchNormalization",
      ])
  }

  /// The names of the executed layers, with fused layers in parentheses.
  private func executed(_ notation: String) throws -> String {
    let network = try Architecture(notation).network(input: [1, 20, 20, 2], classes: 7)
    let plan = ExecutionPlan(network, capacity: 3, training: true, threads: 1, arena: Arena())
    let layers: [any Layer] = plan.units.flatMap { unit -> [any Layer] in
      switch unit {
      case .run(let run): run.steps.map(\.layer)
      case .batch(let step): [step.layer]
      }
    }
    return layers.map { layer in
      network.layers.contains { $0 === layer } ? layer.name : "(\(layer.name))"
    }.joined(separator: " ")
  }

  @Test(arguments: [
    ("conv(8,3) relu pool(2) fc(classes)", "conv1 (pool1) fc1"),
    ("conv(8,3) pool(3,2) relu fc(classes)", "conv1 (pool1) fc1"),
    ("relu pool(2) fc(classes)", "(pool1) fc1"),
    ("conv(8,3) relu pool(2) relu fc(classes)", "conv1 relu1 (pool1) fc1"),
    ("conv(8,3) bn relu fc(classes)", "conv1 (bn1) fc1"),
    ("conv(8,3) bn relu pool(2) fc(classes)", "conv1 bn1 (pool1) fc1"),
    ("conv(8,3) bn pool(2) relu fc(classes)", "conv1 bn1 (pool1) fc1"),
    ("conv(8,3) pool(2) bn relu fc(classes)", "conv1 pool1 (bn1) fc1"),
    ("bn bn relu relu fc(classes)", "bn1 (bn2) relu2 fc1"),
    // A view lies between the two.
    ("conv(8,3) pool(2) flatten relu fc(classes)", "conv1 pool1 relu1 fc1"),
    ("bn flatten relu fc(classes)", "bn1 relu1 fc1"),
    // Another layer lies between the two, or one of them is another layer.
    ("relu conv(8,3) pool(2) fc(classes)", "relu1 conv1 pool1 fc1"),
    ("pool(2) gelu pool(2) scale(2) relu fc(classes)", "pool1 gelu1 pool2 scale1 relu1 fc1"),
    ("bn gelu fc(classes)", "bn1 gelu1 fc1"),
    ("conv(8,3) relu globalmax fc(classes)", "conv1 relu1 globalmax1 fc1"),
    // The window has 256 elements.
    ("relu pool(16) fc(classes)", "relu1 pool1 fc1"),
    ("pool(16) relu fc(classes)", "pool1 relu1 fc1"),
  ])
  func whatIsExecuted(_ notation: String, _ expected: String) throws {
    #expect(try executed(notation) == expected)
  }
}
