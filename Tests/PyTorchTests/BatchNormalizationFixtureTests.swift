import Layers
import Tensors
import TestSupport
import Testing

@testable import Networks
@testable import Training

/// Batch normalization against PyTorch's results in double, alone and in whole networks over steps
/// of SGD. Differences are relative to the tensor's maximum.
@Suite struct BatchNormalizationFixtureTests {
  @Test(arguments: KernelSet.available)
  func trainingAndEvaluationArePyTorchs(_ set: KernelSet) throws {
    let fixture = try Fixture("batch_norm")
    let context = Context(threadCount: 2, kernelSet: set)
    #expect(fixture.cases.count == 7)
    for name in fixture.cases {
      let settings = fixture.settings(name)
      let scales = settings["scale"] == "yes"
      let weight = try fixture.values("\(name).weight")
      let layer = BatchNormalization(
        "bn1", channels: weight.count, epsilon: try #require(Double(settings["epsilon"] ?? "")),
        momentum: try #require(Double(settings["momentum"] ?? "")), scales: scales)
      layer.weight.setValues(stored: weight)
      layer.bias.setValues(stored: try fixture.values("\(name).bias"))
      for batch in 0..<2 {
        let found = try ProbedLayer(
          layer, x: try fixture.examples("\(name).x\(batch)"),
          dy: try fixture.examples("\(name).dy\(batch)"), context)
        func expect(_ found: [Float], _ tensor: String, _ tolerance: Float) throws {
          let expected = try fixture.examples("\(name).\(tensor)\(batch)").values
          let difference = relativeDifference(found, expected)
          #expect(difference <= tolerance, "\(tensor) of \(name), batch \(batch)")
        }
        try expect(found.y, "y", 1e-6)
        try expect(found.dx, "dx", 1e-6)
        try expect(found.gradients[1], "dbias", 1e-6)
        if scales { try expect(found.gradients[0], "dweight", 1e-6) }
        #expect(found.gradients[0].isEmpty == !scales)
        try expect(layer.runningMean.storedValues(), "running_mean", 3e-7)
        try expect(layer.runningVariance.storedValues(), "running_var", 3e-7)
      }
      let x = try fixture.examples("\(name).x")
      let network = try Sequential([layer], inputShape: x.shape)
      let executor = Executor(
        network, capacity: x.shape[0], training: false, context: context)
      _ = executor.input.elements.update(fromContentsOf: x.values)
      let y = Array(executor.forward(count: x.shape[0]).elements)
      let expected = try fixture.examples("\(name).y").values
      #expect(relativeDifference(y, expected) <= 1e-6, "evaluation of \(name)")
    }
  }

  /// Three steps from the same initial values, with Nesterov momentum and weight decay, the last
  /// one with fewer examples; then an evaluation with the running averages.
  @Test(arguments: ["airbench", "average", "residual", "vgg"], KernelSet.available)
  func stepsOfNetworksArePyTorchs(_ name: String, _ set: KernelSet) throws {
    let fixture = try Fixture("batch_norm_networks")
    let settings = fixture.settings(name)
    let network = try Architecture(try #require(fixture.metadata["model.\(name)"])).network(
      input: [1, 10, 9, 3], classes: 10)
    for parameter in network.parameters {
      parameter.setValues(stored: try fixture.values("\(name).initial.\(parameter.name)"))
    }
    let context = Context(threadCount: 2, kernelSet: set)
    let first = try fixture.examples("\(name).images0")
    let executor = Executor(
      network, capacity: first.shape[0], training: true, context: context)
    let optimizer = SGD(
      OptimizedParameters(
        network,
        groups: [
          ParameterGroup(.all, momentum: try #require(Float(settings["momentum"] ?? ""))),
          ParameterGroup(
            .kind(.weight), weightDecay: try #require(Float(settings["weight_decay"] ?? ""))),
        ]), nesterov: true)
    let arena = Arena()
    let losses = arena.values(of: Double.self, first.shape[0])

    for step in 0..<3 {
      let images = try fixture.examples("\(name).images\(step)")
      let count = images.shape[0]
      for parameter in network.parameters { parameter.zeroGradient() }
      _ = executor.input.elements.update(fromContentsOf: images.values)
      let logits = executor.forward(count: count)
      try fixture.values("\(name).labels\(step)").map { Int32($0) }.withUnsafeBufferPointer {
        SoftmaxCrossEntropy.evaluate(
          logits, labels: $0.baseAddress!, batchSize: count, losses: losses,
          dz: executor.outputGradient(count: count), in: context)
      }
      executor.backward(count: count)
      let loss = (0..<count).reduce(0) { $0 + losses[$1] } / Double(count)
      let expected = Double(try fixture.values("\(name).loss\(step)")[0])
      #expect(abs(loss / expected - 1) <= 1e-6, "loss of step \(step)")
      if step == 0 {
        for parameter in network.trainedParameters {
          let expected = try fixture.values("\(name).gradient.\(parameter.name)")
          #expect(
            relativeDifference(parameter.storedGradient(), expected) <= 2e-6,
            "the gradient of \(parameter.name)")
        }
      }
      optimizer.update(
        OptimizerStep(
          number: step + 1, learningRate: try #require(Float(settings["lr"] ?? ""))),
        in: context)
      guard step != 1 else { continue }
      for parameter in network.parameters {
        let expected = try fixture.values("\(name).state\(step).\(parameter.name)")
        #expect(
          relativeDifference(parameter.storedValues(), expected) <= 2e-6,
          "\(parameter.name) after step \(step)")
      }
    }
    // The file has no other tensors.
    let states = fixture.tensors.keys.filter { $0.hasPrefix("\(name).initial.") }
    #expect(Set(states) == Set(network.parameters.map { "\(name).initial.\($0.name)" }))

    let evaluator = Executor(
      network, capacity: first.shape[0], training: false, context: context)
    _ = evaluator.input.elements.update(fromContentsOf: first.values)
    let logits = Array(evaluator.forward(count: first.shape[0]).elements)
    #expect(relativeDifference(logits, try fixture.values("\(name).logits")) <= 2e-6)
  }
}
