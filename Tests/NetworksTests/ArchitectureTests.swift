import Tensors
import Testing

@testable import Layers
@testable import Networks

@Suite struct ArchitectureTests {
  @Test(arguments: [
    ("fer-mnist", 28, 1, 821_706, 0), ("lenet5", 28, 1, 61_706, 0),
    ("pytorch-mnist", 28, 1, 1_199_882, 0), ("pytorch-mnist-dropout", 28, 1, 1_199_882, 0),
    ("cdeotte", 28, 1, 326_410, 0), ("mnist-small", 28, 1, 215_194, 0),
    ("autoencoder", 28, 1, 7_253, 0),
    ("signal-cnn", 28, 1, 426_122, 0), ("resnet9", 32, 3, 6_573_120, 0),
    ("fer-cifar", 32, 3, 449_898, 0), ("vgg-small", 32, 3, 1_148_874, 0),
    // The frozen parameters are the whitening's 3·24·2·2 weights, and the scales of two layers for
    // each width.
    ("airbench93", 32, 3, 569_656, 288 + 640), ("airbench94", 32, 3, 1_972_792, 288 + 1_152),
    ("airbench95", 32, 3, 4_606_520, 288 + 1_792),
    ("airbench96", 32, 3, 9_918_776, 288 + 3_072),
  ])
  func namedModelsHaveTheirParameters(
    _ name: String, _ extent: Int, _ channels: Int, _ parameters: Int, _ frozen: Int
  ) throws {
    let model = try #require(NamedModel.named(name))
    #expect(model.inputShape == [1, extent, extent, channels])
    let network = try model.architecture.network(input: model.inputShape, classes: 10)
    #expect(NetworkSummary(network).parameters == parameters)
    #expect(network.parameterCount == parameters - frozen)
    #expect(try Architecture(model.architecture.canonical) == model.architecture)
  }

  @Test func everyNamedModelIsTested() { #expect(NamedModel.all.count == 15) }

  @Test(arguments: zip(Decoder.allCases, [7_253, 6_693]))
  func decodersGiveBackTheSize(_ decoder: Decoder, _ parameters: Int) throws {
    let model = NamedModel.autoencoder
    #expect(model.hasDecoders)
    #expect(model.architecture == model.architecture(decoder: .transposed))
    let architecture = model.architecture(decoder: decoder)
    let network = try architecture.network(input: model.inputShape, classes: 10)
    #expect(network.isAutoencoder && network.parameterCount == parameters)
    #expect(network.outputShapes.contains([1, 7, 7, 4]))
    #expect(try Architecture(architecture.canonical) == architecture)
    // Models without a choice of decoder keep their network, and a classifier has one.
    let other = try #require(NamedModel.named("lenet5"))
    #expect(!other.hasDecoders && other.architecture(decoder: decoder) == other.architecture)
    #expect(try !other.architecture.network(input: [1, 28, 28, 1], classes: 10).isAutoencoder)
  }

  /// The layers and names are those of `scripts/pytorch/models.py`.
  @Test func airbenchIsPyTorchs() throws {
    let model = try #require(NamedModel.named("airbench94"))
    let network = try model.architecture.network(input: model.inputShape, classes: 10)
    let group = ["conv", "pool", "bn", "gelu", "conv", "bn", "gelu"]
    let kinds = ["conv", "gelu"] + group + group + group + ["pool", "fc", "scale"]
    #expect(network.layers.map { $0.name.filter(\.isLetter) } == kinds)
    #expect(
      network.outputShapes.map { $0.rank == 4 ? $0[1] : 0 }
        == [31, 31, 31] + Array(repeating: 15, count: 7) + Array(repeating: 7, count: 7)
        + Array(repeating: 3, count: 6) + [1, 0, 0])
    let names = network.parameters.map(\.name)
    #expect(
      names.prefix(7) == [
        "conv1.weight", "conv1.bias", "conv2.weight", "bn1.weight", "bn1.bias",
        "bn1.running_mean", "bn1.running_var",
      ])
    #expect(names.last == "fc1.weight" && network.layers.last?.name == "scale1")
    let norm = try #require(network.layers[4] as? BatchNormalization)
    #expect(norm.epsilon == 1e-12 && norm.momentum == 0.4 && !norm.weight.isTrained)
    #expect((network.layers.last as? Scale)?.factor == 1.0 / 9)
    let convolutions = network.layers.compactMap { $0 as? Convolution2D }
    #expect(convolutions.map(\.outputChannels) == [24, 64, 64, 256, 256, 256, 256])
    #expect(convolutions.map { $0.weight.isTrained } == [false] + Array(repeating: true, count: 6))
    #expect(convolutions.map { $0.bias != nil } == [true] + Array(repeating: false, count: 6))
  }

  /// The extents are the original's: an image of 28×28 shrinks to 26, 24, 12, 10, 8, 4 and 1.
  @Test func theExtentsAreDeottes() throws {
    let model = try #require(NamedModel.named("cdeotte"))
    let network = try model.architecture.network(input: model.inputShape, classes: 10)
    let convolutions = zip(network.layers, network.outputShapes).filter { $0.0 is Convolution2D }
    #expect(convolutions.map { $0.1[1] } == [26, 24, 12, 10, 8, 4, 1])
    #expect(convolutions.map { $0.1[3] } == [32, 32, 32, 64, 64, 64, 128])
    #expect(
      network.layers.map(\.name).suffix(5) == ["conv7", "relu7", "bn7", "dropout3", "fc1"])
    let dropouts = network.layers.compactMap { $0 as? Dropout }
    #expect(dropouts.map(\.probability) == [0.4, 0.4, 0.4])
    #expect(dropouts.map(\.number) == [1, 2, 3])
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

  /// A block has two layers of its own, around the layers inside.
  @Test func blocksHaveTwoNames() throws {
    let network = try Architecture(
      "conv(4,3) res(conv(4,3) bn res(relu conv(4,3)) relu) signal res(conv1d(4,5)) fc(classes)"
    ).network(input: [1, 8, 8, 1], classes: 10)
    #expect(
      network.layers.map(\.name) == [
        "conv1", "branch1", "conv2", "bn1", "branch2", "relu1", "conv3", "sum2", "relu2", "sum1",
        "signal1", "branch3", "conv4", "sum3", "fc1",
      ])
    #expect(
      network.trainedParameters.map(\.name) == [
        "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "bn1.weight", "bn1.bias",
        "conv3.weight", "conv3.bias", "conv4.weight", "conv4.bias", "fc1.weight", "fc1.bias",
      ])
    #expect(network.layers[12] is Convolution1D)
    #expect(
      network.parameters.first { $0.name == "conv4.weight" }?.layout.storedShape == [4, 4, 5])
    let rows = NetworkSummary(network).rows
    #expect(
      rows.map { $0.receptiveField?.height } == [3, 3, 5, 5, 5, 5, 7, 7, 7, 7, 7, 7, 7, 7, nil])
    #expect(rows.map(\.parameters).reduce(0, +) == network.parameterCount)
  }

  @Test(arguments: [
    "conv(16,5) relu pool(3,2) conv(32,5) relu pool(3,2) fc(256) relu fc(10)",
    "conv(16,3x5,stride=2x1,padding=valid,bias=no) pool(2,padding=1,mode=ceil) fc(classes,bias=no)",
    "conv(4,2,padding=1) flatten fc(3)",
    "signal conv1d(4,9,stride=2,padding=3,bias=no) pool(1x4,1x2,padding=0x1) conv1d(2,4) fc(3)",
    "conv(4,3) res(relu res(conv(4,3) bn) gelu) res(relu) globalavg fc(3)",
    "convt(4,3x5,stride=2x1,padding=1x2,outpad=1x0,bias=no) relu convt(2,2,stride=2) fc(3)",
    "conv(24,2,padding=valid,frozen=yes) gelu bn(epsilon=1e-12,momentum=0.4,scale=no) relu",
    "bn(momentum=0) globalmax bn(epsilon=0.001) fc(classes,bias=no) scale(1/9)",
    "conv(3,3,bias=no,frozen=yes) bn globalavg scale(2.5)",
    "sigmoid avgpool(3,2,padding=1,mode=ceil,countpadding=no) tanh avgpool(2) dropout(0.25)",
    "upsample(2) conv(3,3) upsample(3x1,mode=bilinear) dropout(0.123) fc(classes)",
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

  static let conv =
    "conv(outputs,kernel), with stride=, padding=same|valid|n, groups=, bias=yes|no and frozen=yes|no"
  static let pool = "pool(size) or pool(size,stride), with padding=n and mode=floor|ceil"

  static let mistakes: [Mistake] = [
    .init(
      text: "",
      message: "position 1, (nothing): the network has no layers "
        + "(expected layers such as conv(16,5) relu pool(2) fc(10))."),
    .init(
      text: "conv(16,5) dropuot fc(10)",
      message: "position 12, dropuot: there is no layer “dropuot” "
        + "(expected \(LayerRegistry.expectedWords))."),
    .init(
      text: "relu conv(16)",
      message: "position 6, conv(16): the kernel's size is missing (expected \(conv))."),
    .init(
      text: "conv(0,5)",
      message: "position 1, conv(0,5): outputs is “0” "
        + "(expected a whole number from 1 to 65536, in \(conv))."),
    .init(
      text: "conv(16,5,7)",
      message: "position 1, conv(16,5,7): it does not take “7” (expected \(conv))."),
    .init(
      text: "conv(16,5,stride=1,stride=2)",
      message: "position 1, conv(16,5,stride=1,stride=2): stride is given twice (expected \(conv))."
    ),
    .init(
      text: "conv(16,3,padding=3)",
      message: "position 1, conv(16,3,padding=3): a padding of 3×3 reaches past the kernel of 3×3 "
        + "(expected \(conv))."),
    .init(
      text: "conv(16,5",
      message: "position 1, conv(16,5: the bracket is not closed (expected a ) at the end)."),
    .init(
      text: "conv(stride=2,16,5)",
      message: "position 1, conv(stride=2,16,: the argument “16” is misplaced "
        + "(expected numbers first, then options as name=value)."),
    .init(
      text: "pool(2,2,padding=2)",
      message: "position 1, pool(2,2,padding=2): a padding of 2×2 "
        + "(expected at most half the window of 2×2, in \(pool))."),
    .init(
      text: "pool(2,mode=up)",
      message: "position 1, pool(2,mode=up): mode is “up” (expected mode=floor or mode=ceil)."),
    .init(
      text: "relu(3) fc(10)",
      message: "position 1, relu(3): it does not take “3” (expected relu without arguments)."),
    .init(
      text: "fc(20) conv(3,3) fc(10)",
      message: "position 8, conv(3,3): its input is 20, no image any more "
        + "(expected convolutions and pooling before flatten and fc; relu or fc here)."),
    .init(
      text: "conv(4,9,padding=valid) fc(10)",
      message: "position 1, conv(4,9,padding=valid): it cannot take an input of 8×8×1 "
        + "(expected an image of at least the kernel 9×9, padding valid)."),
    .init(
      text: "conv(4,3) relu",
      message: "position 11, relu: the network ends in 8×8×4, not in one value a class "
        + "(expected fc(10) as the last layer)."),
    .init(
      text: "fc(7)",
      message: "position 1, fc(7): it gives 7 values for 10 classes "
        + "(expected fc(10) as the last layer)."),
    // The error comes before memory is allocated.
    .init(
      text: "relu conv(16,60000)",
      message: "position 6, conv(16,60000): its weight of 60000×60000×1×16 would not fit into "
        + "memory (expected a smaller kernel or fewer outputs)."),
    .init(
      text: "conv(65536,65536)",
      message: "position 1, conv(65536,65536): its weight of 65536×65536×1×65536 would not fit "
        + "into memory (expected a smaller kernel or fewer outputs)."),
    .init(
      text: "conv(64,3) fc(65536)",
      message: "position 12, fc(65536): its weight of 4096×65536 would not fit into memory "
        + "(expected fewer outputs, or pooling before it)."),
    .init(
      text: "fc(10) %",
      message: "position 8, %: this is not the name of a layer "
        + "(expected a layer such as conv(16,5), relu, pool(2) or fc(10))."),
  ]

  @Test(arguments: mistakes)
  func saysWhereAndWhatWouldFit(_ mistake: Mistake) {
    let error = #expect(throws: NotationError.self) {
      _ = try Architecture(mistake.text).network(input: [1, 8, 8, 1], classes: 10)
    }
    #expect(error?.description == mistake.message)
  }

  /// After global pooling, a file stores the weights in the order of the channels, for images of
  /// any size.
  @Test func globalPoolingEndsTheImage() throws {
    let network = try Architecture("conv(3,3) globalmax bn gelu fc(4) bn fc(classes)").network(
      input: [1, 6, 5, 2], classes: 10)
    #expect(
      network.layers.map(\.name) == [
        "conv1", "globalmax1", "bn1", "gelu1", "fc1", "bn2", "fc2",
      ])
    #expect(network.outputShapes[1] == [1, 3])
    let fc = try #require(network.layers[4] as? FullyConnected)
    #expect(fc.weight.layout == .fullyConnected(inputs: 3, outputs: 4, image: nil))
  }
}
