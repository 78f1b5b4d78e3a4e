import Tensors
import Testing

@testable import Layers

@Suite struct ArchitectureTests {
  @Test(arguments: [
    ("fer-mnist", 28, 1, 821_706), ("lenet5", 28, 1, 61_706), ("pytorch-mnist", 28, 1, 1_199_882),
    ("fer-cifar", 32, 3, 449_898),
  ])
  func namedModelsHaveTheirParameters(
    _ name: String, _ extent: Int, _ channels: Int, _ parameters: Int
  ) throws {
    let model = try #require(NamedModel.named(name))
    let network = try model.architecture.network(
      input: [1, extent, extent, channels], classes: 10)
    #expect(network.parameterCount == parameters)
  }

  @Test func namesLayersByKindAndNumber() throws {
    let network = try Architecture(
      "conv(2,3) relu conv(3,3) pool(2) flatten fc(4) relu fc(classes)"
    )
    .network(input: [1, 8, 8, 1], classes: 10)
    #expect(
      network.layers.map(\.name) == [
        "conv1", "relu1", "conv2", "pool1", "flatten1", "fc1", "relu2", "fc2",
      ])
    #expect(
      network.parameters.map(\.name) == [
        "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias",
        "fc2.weight", "fc2.bias",
      ])
    #expect(network.outputShapes.map(\.description).last == "[1, 10]")
  }

  @Test(arguments: [
    "conv(16,5) relu pool(3,2) conv(32,5) relu pool(3,2) fc(256) relu fc(10)",
    "conv(16,3x5,stride=2x1,padding=valid,bias=no) pool(2,padding=1,mode=ceil) fc(classes,bias=no)",
    "conv(4,2,padding=1) flatten fc(3)",
  ])
  func canonicalFormReadsBack(_ text: String) throws {
    let architecture = try Architecture(text)
    #expect(architecture.canonical == text)
    let again = try Architecture(architecture.canonical)
    #expect(again == architecture)
  }

  @Test func separatorsAndCaseDoNotMatter() throws {
    let architecture = try Architecture("Conv(16, 5) → ReLU - pool(2,2)\n fc( 10 )")
    #expect(architecture.canonical == "conv(16,5) relu pool(2) fc(10)")
  }

  struct Mistake: CustomStringConvertible {
    let text: String
    let message: String
    var description: String { text }
  }

  static let conv = "conv(outputs,kernel), with stride=, padding=same|valid|n and bias=yes|no"
  static let pool = "pool(size) or pool(size,stride), with padding=n and mode=floor|ceil"

  static let mistakes: [Mistake] = [
    .init(
      text: "",
      message: "position 1, (nothing): the network has no layers. "
        + "Expected layers such as conv(16,5) relu pool(2) fc(10)."),
    .init(
      text: "conv(16,5) dropout fc(10)",
      message: "position 12, dropout: there is no layer “dropout”. "
        + "Expected one of conv, pool, relu, flatten, fc."),
    .init(
      text: "relu conv(16)",
      message: "position 6, conv(16): the kernel's size is missing. Expected \(conv)."),
    .init(
      text: "conv(0,5)",
      message: "position 1, conv(0,5): outputs is “0” (expected a whole number from 1 to 65536). "
        + "Expected \(conv)."),
    .init(
      text: "conv(16,5,7)",
      message: "position 1, conv(16,5,7): it does not take “7”. Expected \(conv)."),
    .init(
      text: "conv(16,5,stride=1,stride=2)",
      message: "position 1, conv(16,5,stride=1,stride=2): stride is given twice. Expected \(conv)."
    ),
    .init(
      text: "conv(16,3,padding=3)",
      message: "position 1, conv(16,3,padding=3): a padding of 3×3 reaches past the kernel of 3×3. "
        + "Expected \(conv)."),
    .init(
      text: "conv(16,5",
      message: "position 1, conv(16,5: the bracket is not closed. Expected a ) at the end."),
    .init(
      text: "conv(stride=2,16,5)",
      message: "position 1, conv(stride=2,16,: the argument “16” is misplaced. "
        + "Expected numbers first, then options as name=value."),
    .init(
      text: "pool(2,2,padding=2)",
      message: "position 1, pool(2,2,padding=2): a padding of 2×2 "
        + "(expected at most half the window of 2×2). Expected \(pool)."),
    .init(
      text: "pool(2,mode=up)",
      message: "position 1, pool(2,mode=up): mode is “up”. Expected mode=floor or mode=ceil."),
    .init(
      text: "relu(3) fc(10)",
      message: "position 1, relu(3): it does not take “3”. Expected relu without arguments."),
    .init(
      text: "fc(20) conv(3,3) fc(10)",
      message: "position 8, conv(3,3): its input is 20, no image any more. "
        + "Expected convolutions and pooling before flatten and fc; relu or fc here."),
    .init(
      text: "conv(4,9,padding=valid) fc(10)",
      message: "position 1, conv(4,9,padding=valid): it cannot take an input of 8×8×1. "
        + "Expected an image of at least the kernel 9×9, padding valid."),
    .init(
      text: "conv(4,3) relu",
      message: "position 11, relu: the network ends in 8×8×4, not in one value a class. "
        + "Expected fc(10) as the last layer."),
    .init(
      text: "fc(7)",
      message: "position 1, fc(7): it gives 7 values for 10 classes. "
        + "Expected fc(10) as the last layer."),
    // Found before memory is taken.
    .init(
      text: "relu conv(16,60000)",
      message: "position 6, conv(16,60000): its weight of 60000×60000×1×16 would not fit into "
        + "memory. Expected a smaller kernel or fewer outputs."),
    .init(
      text: "conv(65536,65536)",
      message: "position 1, conv(65536,65536): its weight of 65536×65536×1×65536 would not fit "
        + "into memory. Expected a smaller kernel or fewer outputs."),
    .init(
      text: "conv(64,3) fc(65536)",
      message: "position 12, fc(65536): its weight of 4096×65536 would not fit into memory. "
        + "Expected fewer outputs, or pooling before it."),
    .init(
      text: "fc(10) %",
      message: "position 8, %: this is not the name of a layer. "
        + "Expected a layer such as conv(16,5), relu, pool(2) or fc(10)."),
  ]

  @Test(arguments: mistakes)
  func saysWhereAndWhatWouldFit(_ mistake: Mistake) {
    let error = #expect(throws: NotationError.self) {
      _ = try Architecture(mistake.text).network(input: [1, 8, 8, 1], classes: 10)
    }
    #expect(error?.description == mistake.message)
  }

  @Test func receptiveFieldsAndCosts() throws {
    let network = try #require(NamedModel.named("fer-mnist")).architecture.network(
      input: [1, 28, 28, 1], classes: 10)
    let rows = NetworkSummary(network).rows
    #expect(rows.map { $0.receptiveField?.height } == [5, 6, 6, 14, 16, 16, nil, nil, nil])
    #expect(rows[0].multiplyAdds == 28 * 28 * 16 * 25)
    #expect(rows[3].multiplyAdds == 14 * 14 * 32 * 25 * 16)
    #expect(rows[6].parameters == 1568 * 512 + 512)
    #expect(rows[1].activationBytes == 14 * 14 * 16 * 5)
  }
}
