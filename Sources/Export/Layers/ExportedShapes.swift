import Layers

extension Flatten: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) { graph.flatten() }
  func addModule(to module: inout ModuleBuilder) { module.flatten() }
}

extension Signal: ExportedLayer {
  /// An image of one row, since some layers behind it may need images.
  func addNodes(to graph: inout GraphBuilder) {
    let shape = graph.constant("shape", integers: [0, graph.output[3], 1, graph.output[2]])
    graph.then("Reshape", with: [shape])
  }

  func addModule(to module: inout ModuleBuilder) {
    module.requireImage()
    module.assign("x.flatten(2)")
    module.becomeSignal()
  }
}

extension FullyConnected: ExportedLayer {
  /// The stored weight has its columns in (c, h, w) order, so images need no transposition.
  func addNodes(to graph: inout GraphBuilder) {
    graph.mixFeatures()
    graph.then(
      "Gemm", with: [graph.constant(weight)] + (bias.map { [graph.constant($0)] } ?? []),
      [.init("transB", .integer(1))])
  }

  func addModule(to module: inout ModuleBuilder) {
    module.mixFeatures()
    var arguments = Arguments(inputs, outputs)
    arguments.flag("bias", bias != nil, unless: true)
    module.call(name, "nn.Linear", arguments)
  }
}

extension ResidualBranch: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) { graph.openBlock() }
  func addModule(to module: inout ModuleBuilder) { module.openBlock() }
}

extension ResidualSum: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) { graph.then("Add", with: [graph.closeBlock()]) }
  func addModule(to module: inout ModuleBuilder) { module.closeBlock() }
}
