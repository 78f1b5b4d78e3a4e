import Layers

extension ReLU: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) { graph.then("Relu") }
  func addModule(to module: inout ModuleBuilder) { module.apply("F.relu") }
}

extension GELU: ExportedLayer {
  /// `x·½·(1 + erf(x/√2))`: the operators of version 17 have no GELU.
  func addNodes(to graph: inout GraphBuilder) {
    let x = graph.value
    graph.then("Div", with: [graph.constant("root", [Float(2).squareRoot()])], part: "scaled")
    graph.then("Erf", part: "erf")
    graph.then("Add", with: [graph.constant("one", [1])], part: "sum")
    graph.then("Mul", with: [x], part: "product")
    graph.then("Mul", with: [graph.constant("half", [0.5])])
  }

  func addModule(to module: inout ModuleBuilder) { module.apply("F.gelu") }
}

extension SiLU: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    let x = graph.value
    graph.then("Sigmoid", part: "sigmoid")
    graph.then("Mul", with: [x])
  }

  func addModule(to module: inout ModuleBuilder) { module.apply("F.silu") }
}

extension Sigmoid: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) { graph.then("Sigmoid") }
  func addModule(to module: inout ModuleBuilder) { module.apply("torch.sigmoid") }
}

extension Tanh: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) { graph.then("Tanh") }
  func addModule(to module: inout ModuleBuilder) { module.apply("torch.tanh") }
}

extension Scale: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {
    graph.then("Mul", with: [graph.constant("factor", [factor])])
  }

  func addModule(to module: inout ModuleBuilder) { module.assign("x * \(factor)") }
}

/// In evaluation it does nothing, so it has no node.
extension Dropout: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {}

  func addModule(to module: inout ModuleBuilder) {
    module.assign("F.dropout(x, \(probability), self.training)")
  }
}

/// In evaluation it does nothing, so it has no node.
extension StochasticDepth: ExportedLayer {
  func addNodes(to graph: inout GraphBuilder) {}

  func addModule(to module: inout ModuleBuilder) {
    module.require(
      """
      def drop_path(x: torch.Tensor, probability: float, training: bool) -> torch.Tensor:
          \"""Stochastic depth: in training, zeros instead of all values of random examples.\"""
          if not training:
              return x
          kept = torch.rand(x.shape[0], *[1] * (x.dim() - 1), device=x.device) >= probability
          return x * kept / (1 - probability)
      """)
    module.assign("drop_path(x, \(probability), self.training)")
  }
}
