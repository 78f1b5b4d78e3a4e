import Layers
import Tensors
import TestSupport
import Testing

@testable import Networks
@testable import Training

/// Forty steps with given gradients and a rate that falls linearly, compared with PyTorch's optimizers, and
/// with Lion, Muon and decoupled SGD as `scripts/pytorch/optimizer_fixtures.py` writes their formulas.
@Suite struct OptimizerFixtureTests {
  private static let steps = 40
  private static let cases = [
    "adam", "adam-decay", "adamw", "adamw-groups", "lion", "lion-betas", "muon", "muon-adamw",
    "muon-coefficients", "rmsprop", "rmsprop-momentum", "sgd-clip-both", "sgd-clip-norm",
    "sgd-clip-value", "sgd-decoupled", "sgd-decoupled-nesterov", "sgd-momentum",
    "sgd-nesterov-groups",
  ]

  @Test func everyCaseIsCompared() throws {
    #expect(try Fixture("optimizers").cases == Self.cases)
    let compared = Set(Self.cases.map { String($0.prefix { $0 != "-" }) })
    #expect(compared == Set(Optimizers.all.map { $0.name }))
  }

  @Test(arguments: cases)
  func fortyStepsArePyTorchs(_ name: String) throws {
    let fixture = try Fixture("optimizers")
    let notation = "conv(4,3) conv(37,2,padding=valid) globalavg fc(4) fc(classes)"
    let network = try Architecture(notation).network(input: [1, 6, 6, 3], classes: 3)
    let flags = try #require(fixture.metadata[name]).split(separator: "|").map {
      let parts = $0.split(separator: "=", maxSplits: 1).map(String.init)
      return (key: parts[0], value: parts[1])
    }
    let configuration = try Configuration(recipe: [("arch", notation)], flags: flags)
    let parameters = OptimizedParameters(
      network, groups: try configuration.parameterGroups(of: network))
    let optimizer = configuration.optimizer.type.init(parameters, configuration: configuration)
    let clipping = GradientClipping(
      value: configuration.clippedValue, norm: configuration.clippedNorm)
    let gradient = GradientNorm(network.trainedParameters)
    let context = Context(threadCount: 2)
    for parameter in network.parameters {
      parameter.setValues(stored: try fixture.values("initial.\(parameter.name)"))
    }
    let gradients = try network.parameters.map { try fixture.values("gradients.\($0.name)") }
    for step in 1...Self.steps {
      for (parameter, values) in zip(network.parameters, gradients) {
        let count = parameter.layout.count
        parameter.set(
          parameter.gradient, stored: Array(values[(step - 1) * count..<step * count]))
      }
      clipping?.clip(gradient, norm: gradient.norm(in: context), in: context)
      let progress = Double(step - 1) / Double(Self.steps)
      optimizer.update(
        OptimizerStep(
          number: step, learningRate: Float(configuration.learningRate * (1 - progress)),
          base: configuration.learningRate,
          point: SchedulePoint(
            step: step - 1, stepsPerEpoch: Self.steps, totalSteps: Self.steps)), in: context)
      guard step == 1 || step == Self.steps else { continue }
      for parameter in network.parameters {
        let expected = try fixture.values("\(name).p\(step).\(parameter.name)")
        let difference = relativeDifference(parameter.storedValues(), expected)
        #expect(difference <= 1e-5, "\(name), step \(step), \(parameter.name): \(difference)")
      }
    }
  }
}
