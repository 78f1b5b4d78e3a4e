import GradientChecking
import Layers
import Networks
import Tensors
import Testing

@testable import Export

/// The statements of Keras models.
@Suite struct KerasModelTests {
  private func builder(_ notation: String, _ input: Shape) throws -> KerasBuilder {
    let network = try Architecture(notation).stack(input: input, classes: 3)
    var builder = KerasBuilder(shape: network.inputShape)
    for (layer, output) in zip(network.layers, network.outputShapes) {
      try builder.add(layer, output: output)
    }
    return builder
  }

  @Test func layersHaveTheirStatements() throws {
    let model = try builder(
      "conv(4,3,bias=no) bn(epsilon=0.001,scale=no) relu pool(2) dwconv(3) gn(2) globalmax fc(3)",
      [1, 8, 8, 2])
    #expect(
      model.statements == [
        "x = layers.Conv2D(4, 3, padding=\"same\", use_bias=False, name=\"conv1\")(x)  # [n, 8, 8, 4]",
        "x = layers.BatchNormalization(momentum=0.9, epsilon=0.001, scale=False, name=\"bn1\")(x)",
        "x = layers.ReLU()(x)",
        "x = layers.MaxPooling2D(2)(x)  # [n, 4, 4, 4]",
        "x = layers.DepthwiseConv2D(3, padding=\"same\", name=\"dwconv1\")(x)",
        "x = layers.GroupNormalization(2, epsilon=1e-05, name=\"gn1\")(x)",
        "x = layers.GlobalMaxPooling2D()(x)  # [n, 4]",
        "x = layers.Dense(3, name=\"fc1\")(x)  # [n, 3]",
      ])
    #expect(model.flattened.isEmpty)
  }

  /// TensorFlow's own zeros where they are the same, else a layer of zeros.
  @Test(arguments: [
    ("conv(4,3)", "padding=\"same\"", 1), ("conv(4,4)", "padding=\"same\"", 1),
    ("conv(4,3,padding=valid)", "Conv2D(4, 3, name", 1),
    // 8 pixels at a stride of 2: TensorFlow adds one zero, behind the image; we add one on each side.
    ("conv(4,3,stride=2)", "ZeroPadding2D(((1, 1), (1, 1)))", 2),
    // 7 outputs of 7 pixels.
    ("conv(4,1,stride=2)", "Conv2D(4, 1, strides=2, name", 1),
    ("conv(4,5,padding=1x2)", "ZeroPadding2D(((1, 1), (2, 2)))", 2),
    ("pool(3,2,padding=1)", "constant_values=float(\"-inf\")", 2),
    ("pool(3,1,padding=1)", "MaxPooling2D(3, strides=1, padding=\"same\")", 1),
    ("avgpool(3,1,padding=1)", "ZeroPadding2D(((1, 1), (1, 1)))", 2),
    (
      "avgpool(3,1,padding=1,countpadding=no)",
      "AveragePooling2D(3, strides=1, padding=\"same\")", 1
    ),
    ("conv(6,3,groups=2)", "Conv2D(6, 3, padding=\"same\", groups=2, name", 1),
    ("conv(8,3,groups=4)", "DepthwiseConv2D(3, padding=\"same\", depth_multiplier=2, name", 1),
    // TensorFlow leaves out what lies beyond the image, as ceil mode does.
    ("avgpool(3,2,mode=ceil)", "AveragePooling2D(3, strides=2, padding=\"same\")", 1),
    ("convt(2,4,stride=2,padding=1)", "Cropping2D(((1, 1), (1, 1)))", 2),
    ("convt(2,2,stride=2)", "Conv2DTranspose(2, 2, strides=2, name", 1),
    ("upsample(2x1,mode=bilinear)", "UpSampling2D((2, 1), interpolation=\"bilinear\")", 1),
    ("droppath(0.2)", "Dropout(0.2, noise_shape=(None, 1, 1, 1))", 1),
    ("gelu", "keras.activations.gelu(x, approximate=False)", 1),
    ("res(conv(4,3))", "layers.add([x, skip1])", 3),
    ("signal", "Reshape((1, 64, 4))", 1),
  ])
  func optionsHaveTheirForms(_ notation: String, _ part: String, _ statements: Int) throws {
    let model = try builder(notation, [1, 8, 8, 4])
    #expect(model.statements.contains { $0.contains(part) }, "\(model.statements)")
    #expect(model.statements.count == statements, "\(model.statements)")
  }

  @Test func flattenedImagesAreNamed() throws {
    let network = try Architecture("conv(4,3) flatten relu fc(5) fc(classes)").stack(
      input: [1, 6, 5, 1], classes: 3)
    let text = try UntrainedNetwork.kerasModel(of: network)
    #expect(text.contains("FLATTENED = {\"fc1\": (4, 6, 5)}\n"))
    #expect(text.contains("    x = images = keras.Input((6, 5, 1))\n"))
    #expect(text.contains("    x = layers.Flatten()(x)  # [n, 120]\n"))
    #expect(text.hasSuffix("    return keras.Model(images, x)\n"))
  }

  /// Every layer of the notation has a form, except the options that Keras does not have.
  @Test func everyLayerHasAForm() throws {
    var refused: Set<String> = []
    for word in CheckedWord.all {
      for number in 0..<20 {
        let (_, network) = word.specimen(number, seed: 3)
        var builder = KerasBuilder(shape: network.inputShape)
        do {
          for (layer, output) in zip(network.layers, network.outputShapes) {
            try builder.add(layer, output: output)
          }
        } catch {
          refused.insert("\(word.name): \(error)")
        }
      }
    }
    let known = [
      "avgpool1: Keras cannot compute it (found windows with elements that do not count)",
      "convt1: Keras cannot compute it (found an output padding beyond the kernel)",
    ]
    #expect(refused.allSatisfy { error in known.contains { error.contains($0) } }, "\(refused)")
  }

  @Test func whatKerasCannotComputeIsOneLine() throws {
    let network = try Architecture("avgpool(4,3,padding=2,countpadding=no) fc(classes)").network(
      input: [1, 8, 8, 1], classes: 3)
    let error = try #require(
      #expect(throws: ExportError.self) { try UntrainedNetwork.kerasModel(of: network) })
    #expect(
      error.description
        == "avgpool1: Keras cannot compute it (found windows with elements that do not count). "
        + "Leave the rival keras out.")
    let images = try Architecture("conv(1,3)").stack(input: [1, 8, 8, 1], classes: 3)
    #expect(
      throws: ExportError.notInKeras(layer: "conv1", problem: "images as output")
    ) { try UntrainedNetwork.kerasModel(of: images) }
  }
}
