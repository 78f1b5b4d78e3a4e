import Layers
import Tensors
import Testing

@testable import Training

/// Updates computed by hand, and their bits on all threads and kernel sets; `PyTorchTests` compares forty
/// steps with PyTorch.
@Suite struct OptimizerUpdateTests {
  /// The value after steps of the given gradients at a learning rate of ½.
  private func value(
    after gradients: [Float], from start: Float, _ optimizer: String,
    _ hyperparameters: Hyperparameters, _ change: (inout Configuration) -> Void = { _ in }
  ) throws -> Float {
    let parameter = Parameter("fc1.bias", .vector(count: 1), fanIn: 1)
    parameter.values[0] = start
    var configuration = Configuration()
    change(&configuration)
    let optimizer = try #require(OptimizerChoice(optimizer)).type.init(
      OptimizedParameters([parameter], hyperparameters), configuration: configuration)
    let context = Context(threadCount: 1)
    for (index, gradient) in gradients.enumerated() {
      parameter.gradient[0] = gradient
      optimizer.update(OptimizerStep(number: index + 1, learningRate: 0.5), in: context)
    }
    return parameter.values[0]
  }

  /// 8·(1 − ½·¼) = 7, then 7 − ½·4 = 5. Without a gradient: 5·(1 − ⅛) = 4.375, less ½·(½·4).
  @Test func decoupledDecayBypassesTheMomentum() throws {
    let decay = Hyperparameters(weightDecay: 0.25)
    let momentum = Hyperparameters(weightDecay: 0.25, momentum: 0.5)
    func sgd(_ gradients: [Float], _ hyperparameters: Hyperparameters) throws -> Float {
      try value(after: gradients, from: 8, "sgd", hyperparameters) {
        $0.decoupledWeightDecay = true
      }
    }
    #expect(try sgd([4], decay) == 5)
    #expect(try sgd([4, 0], momentum) == 3.375)
    // A quarter of the rate, for the decay too: 8·(1 − 1/32) − ⅛·4.
    #expect(try sgd([4], .init(learningRateFactor: 0.25, weightDecay: 0.25)) == 7.25)
  }

  /// β = (½, ¾): the corrections make m̂ = g and v̂ = g² in the first step. In the second step with
  /// g = 0, m̂ = (¼·4)/(¾) and v̂ = (3/16·16)/(7/16).
  @Test func adamMatchesHandComputedValues() throws {
    let decay = Hyperparameters(weightDecay: 0.25)
    for (name, gradients, hyperparameters, expected) in [
      ("adam", [4], .init(), 7.5),
      ("adam", [4, 0], .init(), 7.5 - 0.5 * (4.0 / 3) / (48.0 / 7).squareRoot()),
      // Coupled decay changes g, whose size does not matter in the first step.
      ("adam", [4], decay, 7.5), ("adamw", [4], decay, 6.5),
    ] as [(String, [Float], Hyperparameters, Double)] {
      let found = try value(after: gradients, from: 8, name, hyperparameters) {
        $0.betas = [0.5, 0.75]
        $0.epsilon = 1e-30
      }
      #expect(abs(Double(found) - expected) < 1e-6, "\(name) \(gradients)")
    }
  }

  @Test func powersAreExact() {
    #expect(Adam.power(0.5, 0) == 1)
    #expect(Adam.power(0.5, 13) == 1.0 / 8192)
    #expect(Adam.power(0, 5) == 0)
    #expect(abs(Adam.power(0.999, 1000) / (0..<1000).reduce(1.0) { x, _ in x * 0.999 } - 1) < 1e-12)
  }

  /// α = ¾: s = ¼·16 = 4, so g/√s = 2. Then s = 3 and the momentum ½ repeats half of the step.
  @Test func rmspropMatchesHandComputedValues() throws {
    func rmsprop(_ gradients: [Float], _ momentum: Float) throws -> Float {
      try value(after: gradients, from: 8, "rmsprop", .init(momentum: momentum)) {
        $0.alpha = 0.75
        $0.epsilon = 1e-30
      }
    }
    #expect(try rmsprop([4], 0) == 7)
    #expect(try rmsprop([4, 0], 0) == 7)
    #expect(try rmsprop([4, 0], 0.5) == 6.5)
  }

  /// β = (¼, ½): m = 2 after the first gradient, and ¼·2 − ¾·⅓ > 0 decides the second step. A zero
  /// gradient from m = 0 changes nothing.
  @Test func lionStepsBySigns() throws {
    func lion(_ gradients: [Float], _ decay: Float = 0) throws -> Float {
      try value(after: gradients, from: 8, "lion", .init(weightDecay: decay)) {
        $0.betas = [0.25, 0.5]
      }
    }
    #expect(try lion([4]) == 7.5)
    #expect(try lion([-4]) == 8.5)
    #expect(try lion([4, -1.0 / 3]) == 7)
    #expect(try lion([4, -1]) == 8)
    #expect(try lion([0]) == 8)
    #expect(try lion([0], 0.25) == 7)
  }

  /// A matrix with padding and several tasks, a matrix with more columns than rows, and a vector. The zeros
  /// that pad the matrices stay zeros.
  @Test(
    arguments: ["sgd", "adam", "adamw", "rmsprop", "lion", "muon"], KernelSet.available)
  func setsAndThreadsGiveTheSameBits(_ name: String, _ set: KernelSet) throws {
    let type = try #require(OptimizerChoice(name)).type
    func run(_ context: Context) -> [[Float]] {
      let parameters = [
        Parameter("fc1.weight", .fullyConnected(inputs: 300, outputs: 75), fanIn: 300),
        Parameter("fc2.weight", .fullyConnected(inputs: 35, outputs: 70), fanIn: 35),
        Parameter("fc2.bias", .vector(count: 20_001), fanIn: 35),
      ]
      var random = Random(seed: 4, domain: .augmentation)
      func draw(_ count: Int) -> [Float] { (0..<count).map { _ in 2 * random.uniform() - 1 } }
      for parameter in parameters { parameter.setValues(stored: draw(parameter.layout.count)) }
      var configuration = Configuration()
      configuration.nesterov = true
      let network = OptimizedParameters(
        parameters, .init(weightDecay: 0.01, momentum: 0.9, usesMuon: name == "muon")
      ).filter { name != "muon" || $0.parameter.name != "fc2.bias" }
      let optimizer = type.init(network, configuration: configuration)
      for step in 1...3 {
        for parameter in parameters {
          parameter.set(parameter.gradient, stored: draw(parameter.layout.count))
        }
        optimizer.update(OptimizerStep(number: step, learningRate: 0.01), in: context)
      }
      for matrix in parameters.prefix(2) {
        let memory = UnsafeBufferPointer(start: matrix.values, count: matrix.memoryCount)
        #expect(memory.count { $0 != 0 } <= matrix.layout.count)
        #expect(memory.allSatisfy { $0.isFinite })
      }
      return parameters.map { $0.storedValues() }
        + optimizer.parameters.state.map { $0.parameter.stored($0.memory) }
    }
    let reference = run(Context(threadCount: 1))
    for threads in [1, 2, 3] {
      #expect(run(Context(threadCount: threads, kernelSet: set)) == reference)
    }
  }
}

@Suite struct GradientClippingTests {
  private let first = Parameter("a", .vector(count: 20_000), fanIn: 1)
  private let second = Parameter("b", .vector(count: 3), fanIn: 1)

  private func clip(_ clipping: GradientClipping?, _ context: Context) {
    first.gradient.update(repeating: 0, count: 20_000)
    first.gradient[17_000] = 30
    first.gradient[3] = -1
    second.set(second.gradient, stored: [-40, 0.5, 0])
    let gradient = GradientNorm([first, second])
    clipping?.clip(gradient, norm: gradient.norm(in: context), in: context)
  }

  @Test(arguments: KernelSet.available)
  func aGreatGradientIsScaledToTheNorm(_ set: KernelSet) {
    let context = Context(threadCount: 2, kernelSet: set)
    clip(GradientClipping(value: nil, norm: 5), context)
    let norm = (30.0 * 30 + 1 + 40 * 40 + 0.25).squareRoot()
    let factor = Float(5 / (norm + 1e-6))
    #expect(first.gradient[17_000] == 30 * factor && first.gradient[3] == -factor)
    #expect(second.storedGradient() == [-40 * factor, 0.5 * factor, 0])
    clip(GradientClipping(value: nil, norm: 51), context)
    #expect(first.gradient[17_000] == 30 && second.storedGradient() == [-40, 0.5, 0])
  }

  @Test(arguments: KernelSet.available)
  func elementsAreLimited(_ set: KernelSet) {
    let context = Context(threadCount: 3, kernelSet: set)
    clip(GradientClipping(value: 2, norm: nil), context)
    #expect(first.gradient[17_000] == 2 && first.gradient[3] == -1)
    #expect(second.storedGradient() == [-2, 0.5, 0])
    // The norm after the limit is √(4 + 1 + 4 + ¼), below 4.
    clip(GradientClipping(value: 2, norm: 4), context)
    #expect(second.storedGradient() == [-2, 0.5, 0])
    clip(GradientClipping(value: 2, norm: 1), context)
    #expect(second.storedGradient()[0] == -2 * Float(1 / (9.25.squareRoot() + 1e-6)))
  }

  @Test func nothingToLimitIsNoClipping() {
    #expect(GradientClipping(value: nil, norm: nil) == nil)
  }
}
