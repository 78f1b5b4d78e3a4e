import Datasets
import Layers
import Networks
import Tensors
import Testing

@testable import Export

/// The nodes of layers whose form is not that of the notation.
@Suite struct ONNXGraphTests {
  private func nodes(_ notation: String, _ input: Shape) throws -> [ONNXNode] {
    try LayerFormTests.graph(notation, input).nodes
  }

  private func integers(_ node: ONNXNode, _ name: String) -> [Int]? {
    guard case .integers(let values)? = node.attributes.first(where: { $0.name == name })?.value
    else { return nil }
    return values
  }

  /// The additional zero of `same` is at the bottom or right; defaults are left out.
  @Test func convolutionsHavePyTorchsWeights() throws {
    let graph = try LayerFormTests.graph("conv(3,2x3,stride=1x2,bias=no)", [1, 4, 5, 2])
    #expect(graph.nodes.count == 1 && graph.constants.count == 1)
    let node = graph.nodes[0]
    #expect(node.operation == "Conv" && node.name == "conv1" && node.output == "logits")
    #expect(node.inputs == ["images", "conv1.weight"])
    #expect(graph.constants[0].shape == [3, 2, 2, 3])
    #expect(integers(node, "kernel_shape") == [2, 3])
    #expect(integers(node, "pads") == [0, 1, 1, 1])
    #expect(integers(node, "strides") == [1, 2])
    #expect(try nodes("conv(3,3,padding=valid)", [1, 4, 4, 1])[0].attributes.count == 1)
  }

  @Test func depthwiseConvolutionsHaveAGroupForEachChannel() throws {
    let graph = try LayerFormTests.graph("dwconv(3)", [1, 4, 5, 6])
    #expect(graph.constants.map(\.shape) == [[6, 1, 3, 3], [6]])
    #expect(graph.nodes[0].attributes.contains(.init("group", .integer(6))))
  }

  @Test func groupedConvolutionsHaveTheirGroups() throws {
    let graph = try LayerFormTests.graph("conv(9,3,groups=3)", [1, 4, 5, 6])
    #expect(graph.constants.map(\.shape) == [[9, 2, 3, 3], [9]])
    #expect(graph.nodes[0].attributes.contains(.init("group", .integer(3))))
    let signal = try LayerFormTests.graph("signal conv1d(4,3,groups=2)", [1, 1, 8, 2])
    #expect(signal.constants.contains { $0.shape == [4, 1, 1, 3] })
  }

  @Test func transposedConvolutionsHaveTheOutputPadding() throws {
    let graph = try LayerFormTests.graph("convt(4,3,stride=2,padding=1,outpad=1x0)", [1, 3, 3, 2])
    #expect(graph.nodes[0].operation == "ConvTranspose")
    #expect(graph.constants.map(\.shape) == [[2, 4, 3, 3], [4]])
    #expect(integers(graph.nodes[0], "output_padding") == [1, 0])
    #expect(integers(graph.nodes[0], "pads") == [1, 1, 1, 1])
  }

  /// Windows of ceil mode get the zeros that floor mode needs for as many outputs.
  @Test func poolingIsWrittenInFloorMode() throws {
    // 5 elements, windows of 2: the third window has one element.
    let ceil = try nodes("pool(2,mode=ceil)", [1, 5, 4, 1])[0]
    #expect(ceil.operation == "MaxPool")
    #expect(integers(ceil, "pads") == [0, 0, 1, 0])
    // 7 elements with a zero on each side, windows of 3 at a distance of 2: 4 windows end at 9.
    #expect(try integers(nodes("pool(3,2,padding=1)", [1, 7, 7, 1])[0], "pads") == [1, 1, 1, 1])
    // 6 elements: 3 windows end at 7, so the zeros at the bottom are in no window.
    #expect(try integers(nodes("pool(3,2,padding=1)", [1, 6, 6, 1])[0], "pads") == [1, 1, 0, 0])
    #expect(try integers(nodes("pool(2)", [1, 5, 5, 1])[0], "pads") == nil)
  }

  /// Elements beyond the padding do not count, so the padding becomes a node.
  @Test func averagePoolingCountsOnlyThePadding() throws {
    let counting = try nodes("avgpool(3,2,padding=1)", [1, 7, 7, 1])
    #expect(counting.count == 1)
    #expect(counting[0].attributes.contains(.init("count_include_pad", .integer(1))))

    // 6 elements and a zero on each side are 8; the fourth window of 3 ends at 9.
    let graph = try LayerFormTests.graph("avgpool(3,2,padding=1,mode=ceil)", [1, 6, 7, 1])
    #expect(graph.nodes.map(\.operation) == ["Pad", "AveragePool"])
    #expect(graph.constants[0].values == .integers([0, 0, 1, 1, 0, 0, 1, 1]))
    #expect(integers(graph.nodes[1], "pads") == [0, 0, 1, 0])
    #expect(!graph.nodes[1].attributes.contains { $0.name == "count_include_pad" })

    let inside = try nodes("avgpool(3,2,padding=1,mode=ceil,countpadding=no)", [1, 6, 7, 1])
    #expect(inside.map(\.operation) == ["AveragePool"])
    #expect(integers(inside[0], "pads") == [1, 1, 2, 1])
  }

  @Test func dropoutHasNoNode() throws {
    #expect(try nodes("dropout(0.5) relu dropout(0.5)", [1, 2, 2, 1]).map(\.operation) == ["Relu"])
    #expect(try nodes("dropout(0.5)", [1, 2, 2, 1]).map(\.operation) == ["Identity"])
    let block = try nodes("res(droppath(0.5))", [1, 2, 2, 1])
    #expect(block.map(\.inputs) == [["images", "images"]])
  }

  @Test func blocksMayBeNested() throws {
    let nested = try nodes("relu res(tanh res(sigmoid) tanh)", [1, 2, 2, 1])
    #expect(nested.map(\.name) == ["relu1", "tanh1", "sigmoid1", "sum2", "tanh2", "sum1"])
    #expect(nested[3].inputs == ["sigmoid1", "tanh1"])
    #expect(nested[5].inputs == ["tanh2", "relu1"])
  }

  /// A fully connected layer reads an image in (c, h, w) order, in which its weight is stored.
  @Test func aFullyConnectedLayerNeedsNoTransposition() throws {
    let network = try Architecture("relu flatten fc(2)").stack(input: [1, 2, 2, 2], classes: 2)
    network.parameters[0].setValues(stored: (0..<16).map(Float.init))
    let graph = try LayerFormTests.graph(network)
    #expect(graph.nodes.map(\.operation) == ["Relu", "Flatten", "Gemm"])
    #expect(graph.constants[0].shape == [2, 8])
    #expect(graph.constants[0].values == .floats((0..<16).map(Float.init)))
  }

  /// Flattened images that are the output have the program's order, (h, w, c).
  @Test func anOutputOfFlattenedImagesIsTransposed() throws {
    let graph = try LayerFormTests.graph("relu flatten tanh", [1, 2, 3, 4])
    #expect(
      graph.nodes.map(\.operation) == [
        "Relu", "Flatten", "Tanh", "Reshape", "Transpose", "Flatten",
      ])
    #expect(graph.constants[0].values == .integers([0, 4, 2, 3]))
    #expect(graph.output.exampleShape == [24])
    #expect(try nodes("relu flatten", [1, 1, 1, 4]).map(\.operation) == ["Relu", "Flatten"])
    #expect(try nodes("relu flatten", [1, 2, 3, 1]).map(\.operation) == ["Relu", "Flatten"])
  }

  @Test func pixelsAreNormalizedInTheGraph() throws {
    let network = try Architecture("globalavg").stack(input: [1, 4, 4, 3], classes: 3)
    func graph(_ pixels: ONNXExport.Pixels?) throws -> ONNXGraph {
      try ONNXGraph(
        network, name: "test", inputName: "x", pixels: pixels,
        normalization: Normalization(mean: [0.1, 0.2, 0.3], std: [1, 2, 3], channels: 3),
        outputName: "logits")
    }
    let bytes = try graph(.uint8)
    #expect(
      bytes.nodes.map(\.operation) == [
        "Cast", "Div", "Sub", "Div", "GlobalAveragePool", "Flatten",
      ])
    #expect(bytes.input == .init(name: "x", type: .uint8, exampleShape: [3, 4, 4]))
    #expect(bytes.constants.map(\.shape) == [[], [1, 3, 1, 1], [1, 3, 1, 1]])
    #expect(bytes.constants[2].values == .floats([1, 2, 3]))
    #expect(try graph(.float).nodes.count == 5)
    #expect(try graph(.float).input.type == .float)
    #expect(try graph(nil).nodes.count == 2)
  }
}
