import Layers
import Tensors
import TestSupport
import Testing

@testable import Networks
@testable import Training

@Suite struct TrainingFixtureTests {
  /// Ten steps with given gradients, compared with `torch.optim.SGD` in double. Differences are
  /// relative to the greatest parameter of all steps, since a single parameter may be close to
  /// zero.
  @Test func tenStepsArePyTorchs() throws {
    let fixture = try Fixture("sgd")
    let context = Context(threadCount: 2)
    #expect(fixture.cases.count == 10)
    for name in fixture.cases {
      let settings = fixture.settings(name)
      let start = try fixture.values("\(name).p0")
      let parameter = Parameter("p", .vector(count: start.count), fanIn: 1)
      parameter.setValues(stored: start)
      let optimizer = SGD(
        OptimizedParameters(
          [parameter],
          Hyperparameters(
            weightDecay: Float(settings["weight_decay"]!)!,
            momentum: Float(settings["momentum"]!)!)),
        nesterov: settings["nesterov"] == "true")
      let scale = try (0...10).flatMap { try fixture.values("\(name).p\($0)") }.map(abs).max()!
      let rates = settings["rates"]!.split(separator: ",").map { Float($0)! }
      #expect(rates.count == 10)
      for (index, rate) in rates.enumerated() {
        parameter.set(parameter.gradient, stored: try fixture.values("\(name).g\(index)"))
        optimizer.update(OptimizerStep(number: index + 1, learningRate: rate), in: context)
        let expected = try fixture.values("\(name).p\(index + 1)")
        #expect(expected.count == start.count)
        for (found, expected) in zip(parameter.storedValues(), expected) {
          #expect(abs(found - expected) <= 3e-7 * scale, "\(name), step \(index + 1)")
        }
      }
    }
  }

  /// The course's network with fewer channels, from the same weights and batch: the loss, the
  /// gradients, and the parameters after one step and after three. The tolerances are the errors of
  /// single precision.
  @Test(arguments: KernelSet.available)
  func stepsOfTheCoursesNetworkArePyTorchs(_ set: KernelSet) throws {
    let fixture = try Fixture("fer_mnist_step")
    let images = try fixture.examples("images").values
    let labels = try fixture.values("labels").map { Int32($0) }
    let network = try Architecture(try #require(fixture.metadata["model"])).network(
      input: [1, 28, 28, 1], classes: 10)
    let decayed = fixture.metadata["decayed"] ?? ""
    for parameter in network.parameters {
      parameter.setValues(stored: try fixture.values("initial.\(parameter.name)"))
    }
    let context = Context(threadCount: 2, kernelSet: set)
    let executor = Executor(network, capacity: labels.count, training: true, context: context)
    let decay = Float(fixture.metadata["weight_decay"]!)!
    let parameters = OptimizedParameters(
      network,
      groups: [ParameterGroup(.all, momentum: Float(fixture.metadata["momentum"]!)!)]
        + network.parameters.filter { decayed.contains($0.name) }.map {
          ParameterGroup(.named($0.name), weightDecay: decay)
        })
    #expect(parameters.entries.filter { $0.hyperparameters.weightDecay == decay }.count == 3)
    let optimizer = SGD(parameters)
    let arena = Arena()
    let losses = arena.values(of: Double.self, labels.count)
    let expectedLosses = try fixture.values("float64.losses")

    for step in 1...3 {
      for parameter in network.parameters { parameter.zeroGradient() }
      _ = executor.input.elements.update(fromContentsOf: images)
      let logits = executor.forward(count: labels.count)
      labels.withUnsafeBufferPointer {
        SoftmaxCrossEntropy.evaluate(
          logits, labels: $0.baseAddress!, batchSize: labels.count, losses: losses,
          dz: executor.outputGradient(count: labels.count), in: context)
      }
      executor.backward(count: labels.count)
      let loss = (0..<labels.count).reduce(0) { $0 + losses[$1] } / Double(labels.count)
      #expect(abs(loss / Double(expectedLosses[step - 1]) - 1) <= 1e-7, "loss of step \(step)")
      if step == 1 {
        for parameter in network.parameters {
          let expected = try fixture.values("float64.gradient.\(parameter.name)")
          #expect(
            relativeDifference(parameter.storedGradient(), expected) <= 5e-7, "\(parameter.name)")
        }
      }
      optimizer.update(
        OptimizerStep(number: step, learningRate: Float(fixture.metadata["lr"]!)!), in: context)
      guard step != 2 else { continue }
      for parameter in network.parameters {
        let expected = try fixture.values("float64.after\(step).\(parameter.name)")
        #expect(
          relativeDifference(parameter.storedValues(), expected) <= 5e-7,
          "\(parameter.name) after \(step)")
      }
    }
  }
}
