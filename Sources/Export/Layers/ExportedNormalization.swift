import Layers

extension BatchNormalization: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    graph.then(
      "BatchNormalization", with: parameters.map { graph.constant($0) },
      [.init("epsilon", .float(Float(epsilon)))])
  }

  func addModule(to module: inout ModuleBuilder) {
    var arguments = Arguments(channels)
    arguments.real("eps", epsilon, unless: 1e-5)
    arguments.real("momentum", momentum, unless: 0.1)
    module.call(name, module.isImage ? "nn.BatchNorm2d" : "nn.BatchNorm1d", arguments)
  }
}

extension GroupNormalization: ExportedLayer {
  /// The operators of version 17 have no group normalization. Groups become the channels of an
  /// `InstanceNormalization`.
  func addNodes(to graph: inout GraphBuilder) {
    let one = graph.constant("one", [Float](repeating: 1, count: groups), shape: [groups])
    let zero = graph.constant("zero", [Float](repeating: 0, count: groups), shape: [groups])
    let grouped = graph.constant("groups", integers: [0, groups, -1])
    let isImage = graph.input.rank == 4
    let shape =
      isImage ? [0, channels, graph.input[1], graph.input[2]] : [0, channels]
    let original = graph.constant("shape", integers: shape)
    let perChannel = isImage ? [channels, 1, 1] : [channels]
    graph.then("Reshape", with: [grouped], part: "grouped")
    graph.then(
      "InstanceNormalization", with: [one, zero], part: "normalized",
      [.init("epsilon", .float(Float(epsilon)))])
    graph.then("Reshape", with: [original], part: "ungrouped")
    graph.then("Mul", with: [graph.constant(weight, shape: perChannel)], part: "scaled")
    graph.then("Add", with: [graph.constant(bias, shape: perChannel)])
  }

  func addModule(to module: inout ModuleBuilder) {
    var arguments = Arguments(groups, channels)
    arguments.real("eps", epsilon, unless: 1e-5)
    module.call(name, "nn.GroupNorm", arguments)
  }
}
