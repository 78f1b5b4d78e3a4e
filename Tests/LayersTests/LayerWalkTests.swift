import Networks
import Tensors
import Testing

@testable import Layers

/// Layers one by one give the outputs of the executor, which fuses them, to the bit.
@Suite struct LayerWalkTests {
  @Test(arguments: [
    "conv(4,3) relu pool(2) fc(10)",
    "conv(16,5) pool(2) relu conv(32,5) bn relu flatten fc(30) gelu fc(classes)",
    "conv(8,3) bn relu res(conv(8,3) bn relu res(conv(8,3)) dropout(0.5)) globalavg fc(classes)",
    "dropout(0.2) fc(40) sigmoid fc(classes)",
  ])
  func outputsAreThoseOfTheExecutor(_ notation: String) throws {
    let network = try Architecture(notation).network(input: [1, 20, 20, 3], classes: 10)
    network.initialize(seed: 3)
    let context = Context(threadCount: 2)
    let executor = Executor(network, capacity: 5, training: false, context: context)
    var random = Random(seed: 9, domain: .augmentation)
    for index in 0..<executor.input.count {
      executor.input.base[index] = Float(random.nextBits() % 1000) / 500 - 1
    }
    let walk = LayerWalk(network, context: context)
    let inputs = Array(executor.input.elements)
    let outputs = Array(executor.forward(count: 5).elements)
    let (size, width) = (network.inputShape.count, network.outputShape.count)
    for example in 0..<5 {
      var last: [Float] = []
      var visited: [Int] = []
      var input = Array(inputs[example * size..<(example + 1) * size])
      input.withUnsafeMutableBufferPointer { input in
        walk.forward(Tensor(network.inputShape, at: input.baseAddress!)) { layer, output in
          visited.append(layer)
          #expect(output.shape == network.outputShapes[layer])
          last = Array(output.elements)
        }
      }
      #expect(last == Array(outputs[example * width..<(example + 1) * width]))
      let computes = network.layers.indices.filter {
        let layer = network.layers[$0]
        return !(layer is any ViewLayer) && !layer.isIdentityInEvaluation
          && layer.residualEnd != .branch
      }
      #expect(visited == computes)
    }
  }
}
