import Layers
import Tensors
import Testing

@testable import Training

/// Updates computed by hand; `PyTorchTests` compares ten steps with torch.optim.SGD.
@Suite struct SGDTests {
  private func parameter(_ values: [Float]) -> Parameter {
    let parameter = Parameter("fc1.weight", .vector(count: values.count), fanIn: 1)
    parameter.setValues(stored: values)
    return parameter
  }

  /// The values after steps of the given gradients at a learning rate of ½.
  private func values(
    after gradients: [Float], from start: Float, _ hyperparameters: Hyperparameters,
    nesterov: Bool = false
  ) -> Float {
    let parameter = parameter([start])
    let optimizer = SGD(OptimizedParameters([parameter], hyperparameters), nesterov: nesterov)
    let context = Context(threadCount: 1)
    for (index, gradient) in gradients.enumerated() {
      parameter.gradient[0] = gradient
      optimizer.update(OptimizerStep(number: index + 1, learningRate: 0.5), in: context)
    }
    return parameter.values[0]
  }

  @Test func updatesMatchHandComputedValues() {
    #expect(values(after: [4, -2], from: 1, .init()) == 0)
    // v = 4, then ½·4 − 2 = 0, so the second update is 0.
    #expect(values(after: [4, -2], from: 1, .init(momentum: 0.5)) == -1)
    // ½·(4 + ½·4) = 3, then v = 0 and ½·(−2 + 0) = −1.
    #expect(values(after: [4, -2], from: 1, .init(momentum: 0.5), nesterov: true) == -1)
    // g = 4 + ¼·8 = 6: 8 − 3 = 5.
    #expect(values(after: [4], from: 8, .init(weightDecay: 0.25)) == 5)
    // Decay goes through the momentum: v = 6, then ½·6 + 0 + ¼·5 = 4.25: 5 − 2.125.
    #expect(values(after: [4, 0], from: 8, .init(weightDecay: 0.25, momentum: 0.5)) == 2.875)
    #expect(values(after: [4, 0], from: 8, .init(momentum: 0.5)) == 5)
    // A quarter of the learning rate: 8 − ⅛·4.
    #expect(values(after: [4], from: 8, .init(learningRateFactor: 0.25)) == 7.5)
  }

  @Test func onlyMomentumHasState() {
    let weight = parameter([1, 2, 3])
    #expect(SGD(OptimizedParameters([weight])).parameters.state.isEmpty)
    let optimizer = SGD(OptimizedParameters([weight], .init(momentum: 0.9)))
    let state = optimizer.parameters.state
    #expect(state.map(\.name) == ["optim.fc1.weight.momentum_buffer"])
    weight.set(weight.gradient, stored: [5, -6, 7])
    optimizer.update(
      OptimizerStep(number: 1, learningRate: 0.1), in: Context(threadCount: 1))
    #expect(weight.stored(state[0].memory) == [5, -6, 7])
  }

  /// Two parameters, the first with several tasks: every element is updated once, and the zeros
  /// that pad a matrix stay zeros.
  @Test(arguments: KernelSet.available)
  func setsAndThreadsGiveTheSameBits(_ set: KernelSet) {
    func run(_ context: Context) -> [[Float]] {
      let matrix = Parameter(
        "fc1.weight", .fullyConnected(inputs: 700, outputs: 37), fanIn: 700)
      let bias = Parameter("fc1.bias", .vector(count: 37), fanIn: 700)
      var random = Random(seed: 4, domain: .augmentation)
      func draw(_ count: Int) -> [Float] { (0..<count).map { _ in 2 * random.uniform() - 1 } }
      for parameter in [matrix, bias] {
        parameter.setValues(stored: draw(parameter.layout.count))
      }
      let optimizer = SGD(
        OptimizedParameters([matrix, bias], .init(weightDecay: 0.01, momentum: 0.9)),
        nesterov: true)
      for step in 1...3 {
        for parameter in [matrix, bias] {
          parameter.set(parameter.gradient, stored: draw(parameter.layout.count))
        }
        optimizer.update(OptimizerStep(number: step, learningRate: 0.3), in: context)
      }
      let memory = UnsafeBufferPointer(start: matrix.values, count: matrix.memoryCount)
      #expect(memory.count == 48 * 700)
      #expect(memory.count { $0 != 0 } <= 37 * 700)
      return [matrix, bias].map { $0.storedValues() }
    }
    let reference = run(Context(threadCount: 1))
    for threads in [1, 2, 3, 4] {
      #expect(run(Context(threadCount: threads, kernelSet: set)) == reference)
    }
  }
}

@Suite struct GradientNormTests {
  @Test func normIsTheLengthOfTheGradient() {
    let context = Context(threadCount: 2)
    let first = Parameter("a", .vector(count: 40_000), fanIn: 1)
    let second = Parameter("b", .vector(count: 3), fanIn: 1)
    let norm = GradientNorm([first, second])
    #expect(norm.norm(in: context) == 0)
    first.gradient.update(repeating: 2, count: 40_000)
    second.set(second.gradient, stored: [-100, 200, -300])
    // 160,000 + 10,000 + 40,000 + 90,000
    #expect(norm.norm(in: context) == 300_000.0.squareRoot())
    #expect(norm.firstNotFinite(in: context) == nil)
    // Squares beyond single precision are no error.
    second.gradient[0] = 1e30
    #expect(norm.norm(in: context).isFinite && norm.firstNotFinite(in: context) == nil)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func findsTheFirstParameterThatIsNotFinite(_ value: Float) {
    let context = Context(threadCount: 2)
    let parameters = ["a", "b", "c"].map {
      Parameter($0, .vector(count: 20_000), fanIn: 1)
    }
    let norm = GradientNorm(parameters)
    parameters[2].gradient[19_999] = value
    #expect(!norm.norm(in: context).isFinite)
    #expect(norm.firstNotFinite(in: context) == "c")
    parameters[1].gradient[16_384] = value
    #expect(norm.firstNotFinite(in: context) == "b")
  }

  @Test(arguments: KernelSet.available)
  func setsAndThreadsGiveTheSameBits(_ set: KernelSet) {
    let parameter = Parameter("a", .vector(count: 50_001), fanIn: 1)
    var random = Random(seed: 5, domain: .augmentation)
    for i in 0..<50_001 { parameter.gradient[i] = random.uniform() }
    let norm = GradientNorm([parameter])
    let reference = norm.norm(in: Context(threadCount: 1))
    for threads in [1, 2, 3] {
      #expect(norm.norm(in: Context(threadCount: threads, kernelSet: set)) == reference)
    }
  }
}
