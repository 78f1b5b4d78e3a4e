import Datasets
import GradientChecking
import Layers
import Networks
import Tensors
import Testing

@testable import Export

/// Every layer of the notation can be exported, in every shape that gradcheck draws.
@Suite struct LayerFormTests {
  /// The graph of a network, whose input is `images` and whose output is `logits`.
  static func graph(_ network: Sequential) throws -> ONNXGraph {
    let channels = network.inputShape[network.inputShape.rank - 1]
    return try ONNXGraph(
      network, name: "test", inputName: "images", pixels: nil,
      normalization: Normalization(mean: [0], std: [1], channels: channels), outputName: "logits")
  }

  static func graph(_ notation: String, _ input: Shape) throws -> ONNXGraph {
    try graph(Architecture(notation).stack(input: input, classes: 3))
  }

  static func module(_ notation: String, _ input: Shape) throws -> ModuleBuilder {
    let network = try Architecture(notation).stack(input: input, classes: 3)
    var builder = ModuleBuilder(shape: network.inputShape)
    for (layer, output) in try network.exportedLayers() { builder.add(layer, output: output) }
    builder.finish()
    return builder
  }

  @Test func everyWordHasSpecimens() {
    #expect(CheckedWord.all.map(\.name) == LayerRegistry.words.map(\.name))
  }

  /// A graph reads only values that are there, and has every parameter of the network.
  @Test(arguments: CheckedWord.all.map(\.name))
  func everyLayerHasBothForms(_ name: String) throws {
    let word = try #require(CheckedWord.all.first { $0.name == name })
    for number in 0..<20 {
      let (specimen, network) = word.specimen(number, seed: 3)
      let graph = try Self.graph(network)
      try Self.checkNames(graph, "\(specimen)")
      for parameter in network.parameters {
        let constant = try #require(graph.constants.first { $0.name == parameter.name })
        #expect(constant.values == .floats(parameter.storedValues()), "\(specimen)")
        #expect(constant.shape.reduce(1, *) == parameter.layout.count, "\(specimen)")
      }
      let module = try Self.module(specimen.notation, specimen.input)
      let withParameters = network.layers.filter { !$0.parameters.isEmpty }.map(\.name)
      #expect(
        module.members.map { $0.prefix { $0 != " " }.dropFirst("self.".count).description }
          == withParameters, "\(specimen)")
    }
  }

  @Test(arguments: NamedModel.all.map(\.name) + ["bilinear autoencoder"])
  func everyNamedModelHasBothForms(_ name: String) throws {
    let model = try #require(NamedModel.named(name) ?? .autoencoder)
    let architecture =
      name.hasPrefix("bilinear") ? model.architecture(decoder: .bilinear) : model.architecture
    let network = try architecture.network(input: model.inputShape, classes: 10)
    try Self.checkNames(try Self.graph(network), name)
    #expect(try Self.module(architecture.canonical, model.inputShape).statements.count > 3)
  }

  private static func checkNames(_ graph: ONNXGraph, _ comment: String) throws {
    var values = Set(graph.constants.map(\.name) + [graph.input.name])
    #expect(values.count == graph.constants.count + 1, "\(comment): a name twice")
    for node in graph.nodes {
      for input in node.inputs where !input.isEmpty {
        #expect(values.contains(input), "\(comment): \(node.name) reads \(input)")
      }
      #expect(values.insert(node.output).inserted, "\(comment): \(node.output) twice")
    }
    #expect(values.contains(graph.output.name), "\(comment)")
    #expect(Set(graph.nodes.map(\.name)).count == graph.nodes.count, "\(comment)")
    let read = Set(graph.nodes.flatMap(\.inputs))
    for constant in graph.constants { #expect(read.contains(constant.name), "\(comment)") }
  }

  /// A layer that has no form is told by its name and kind.
  @Test func aLayerWithoutAFormIsAnError() throws {
    final class Mystery: ViewLayer {
      let name = "mystery1"
      func outputShape(for input: Shape) throws(ShapeError) -> Shape { input }
    }
    let network = try Sequential([Mystery()], inputShape: [1, 2, 2, 1])
    #expect(throws: ExportError.noForm(layer: "mystery1", kind: "Mystery")) {
      try Self.graph(network)
    }
    #expect(
      ExportError.noForm(layer: "mystery1", kind: "Mystery").description
        == "mystery1: it cannot be exported (found Mystery, which has no form in other programs). "
        + "Add a file for it to Sources/Export/Layers, or leave it out.")
  }
}
