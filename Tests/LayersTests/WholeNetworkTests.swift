import Tensors
import TestSupport
import Testing
import Textbook

@testable import GradientChecking
@testable import Layers
@testable import Networks

/// Whole networks against the Textbook's layers in Double: the loss, and the gradient of every
/// parameter.
@Suite struct WholeNetworkTests {
  /// The results of one pass over a mini-batch: the mean loss, and the gradients in stored order.
  struct Pass {
    var loss: Double
    var gradients: [[Double]]
  }

  private func textbook(
    _ network: Sequential, _ images: [Volume<Double>], _ labels: [Int]
  ) throws -> Pass {
    let lecture = try LectureNetwork(network)
    // The objective contains row L4's 1/N, once for the whole mini-batch.
    let objective = Objective.classification(labels: labels)
    let pass = lecture.pass(images, objective)
    return Pass(
      loss: objective.value(pass.activations[network.layers.count]),
      gradients: zip(lecture.steps, pass.parameterGradients).flatMap { step, gradient in
        step.tensors.map { Array(gradient[$0.range]) }
      })
  }

  private func fast(
    _ network: Sequential, _ x: [Float], _ labels: [Int], _ context: Context
  ) -> Pass {
    let count = labels.count
    let executor = Executor(network, capacity: count, training: true, context: context)
    for parameter in network.parameters { parameter.zeroGradient() }
    _ = executor.input.elements.update(fromContentsOf: x)
    let arena = Arena()
    let losses = arena.values(of: Double.self, count)
    let logits = executor.forward(count: count, randomKey: LectureNetwork.randomKey)
    labels.map(Int32.init).withUnsafeBufferPointer {
      SoftmaxCrossEntropy.evaluate(
        logits, labels: $0.baseAddress!, batchSize: count, losses: losses,
        dz: executor.outputGradient(count: count), in: context)
    }
    executor.backward(count: count)
    return Pass(
      loss: (0..<count).reduce(0) { $0 + losses[$1] } / Double(count),
      gradients: checked(network).map { $0.storedGradient().map(Double.init) })
  }

  private func checked(_ network: Sequential) -> [Parameter] {
    network.parameters.filter { $0.role != .running }
  }

  /// The errors are within single precision, relative to the norm of the gradient.
  @Test(
    arguments: [
      ("conv(5,5) pool(2) relu conv(7,3) pool(2) relu fc(20) relu fc(classes)", 1e-6),
      ("conv(4,3) relu pool(3,2,mode=ceil) conv(6,5) relu pool(3,2) fc(12) relu fc(classes)", 1e-6),
      // The error of GELU's derivative is at most 5·10⁻⁷.
      ("conv(5,3) gelu pool(2) conv(7,3) gelu globalmax fc(20) gelu fc(classes)", 2e-6),
      ("conv(6,3) gelu conv(8,5) globalavg fc(classes)", 2e-6),
      ("conv(5,3) sigmoid avgpool(2) conv(7,3) tanh fc(20) sigmoid fc(classes)", 1e-6),
      (
        "avgpool(3,2,padding=1,countpadding=no) conv(4,3) upsample(2) tanh"
          + " conv(5,3) upsample(3x2,mode=bilinear) avgpool(4,mode=ceil) fc(classes)", 1e-6
      ),
      (
        "conv(5,3) relu dropout(0.4) upsample(2,mode=bilinear) pool(3) dropout(0.2) conv(6,3) relu"
          + " fc(20) relu dropout(0.5) fc(classes)", 1e-6
      ),
      // Winograd's method: both kernel sizes, with one and two panels of output channels.
      (
        "conv(16,5) pool(2) relu conv(16,5) pool(2) relu conv(64,3) relu fc(24) relu fc(classes)",
        4e-6
      ),
    ], [1, 18])
  func everyGradientIsTheTextbooks(
    _ network: (notation: String, tolerance: Double), _ count: Int
  ) throws {
    let (notation, tolerance) = network
    let input: Shape = [1, 9, 8, 2]
    let network = try Architecture(notation).network(input: input, classes: 6)
    network.initialize(seed: 11)
    var random = WholeNumbers(seed: 60 + count)
    // Sets the biases too, since their initial value is 0.
    for parameter in checked(network) where parameter.layout.storedShape.count == 1 {
      parameter.setValues(
        stored: random.fractions(parameter.layout.count).map { parameter.start + 0.2 * $0 })
    }
    let x = random.fractions(count * input.count)
    let labels = random.next(count, from: 0, to: 5)
    let expected = try textbook(
      network, volumes(x.map(Double.init), input.with(examples: count)), labels)
    for set in KernelSet.available {
      let found = fast(network, x, labels, Context(threadCount: 2, kernelSet: set))
      #expect(abs(found.loss - expected.loss) <= tolerance * expected.loss, "\(set)")
      for (index, parameter) in checked(network).enumerated() {
        let difference = distance(found.gradients[index], expected.gradients[index])
        #expect(difference <= tolerance, "\(parameter.name), \(set)")
      }
    }
  }

  /// ‖found − expected‖ / ‖expected‖
  private func distance(_ found: [Double], _ expected: [Double]) -> Double {
    func norm(_ values: some Sequence<Double>) -> Double {
      values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let length = norm(expected)
    guard found.count == expected.count, length > 0 else { return .infinity }
    return norm(zip(found, expected).map { $0 - $1 }) / length
  }
}
