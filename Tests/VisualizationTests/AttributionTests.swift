import Layers
import Networks
import Tensors
import Testing

@testable import Visualization

@Suite struct AttributionTests {
  /// `fc(2)` on 2×2 pixels: the gradient is the weight.
  private func linear(_ weights: [Float], channels: Int = 1) throws -> Sequential {
    let network = try Architecture("fc(classes)").network(
      input: [1, 2, 2, channels], classes: 2)
    network.parameters[0].setValues(stored: weights)
    return network
  }

  private func context() -> Context { Context(threadCount: 2) }

  @Test func saliencyOfALinearNetworkIsItsWeights() throws {
    let network = try linear([1, -2, 3, 0.5, -4, 0, 0, 7])
    let probed = ProbedNetwork(
      network, watching: [], capacity: 1, givesGradients: true, context: context())
    let input: [Float] = [9, 8, 7, 6]
    #expect(Attribution.saliency(probed, input: input, class: 0).values == [1, 2, 3, 0.5])
    #expect(Attribution.saliency(probed, input: input, class: 1).values == [4, 0, 0, 7])
  }

  /// Weights are stored in (c, h, w) order; the map has the greatest magnitude of the channels.
  @Test func saliencyTakesTheGreatestChannel() throws {
    let network = try linear(
      [1, -2, 3, 0.5, -5, 1, 1, 0] + Array(repeating: 0, count: 8), channels: 2)
    let probed = ProbedNetwork(
      network, watching: [], capacity: 1, givesGradients: true, context: context())
    let map = Attribution.saliency(probed, input: Array(repeating: 1, count: 8), class: 0)
    #expect(map.values == [5, 2, 3, 0.5])
  }

  /// A window of one pixel takes `w·x` from a linear output.
  @Test func occlusionOfALinearNetworkIsItsProducts() throws {
    let network = try linear([1, -2, 3, 0.5, 0, 0, 0, 0])
    let probed = ProbedNetwork(
      network, watching: [], capacity: 3, givesGradients: false, context: context())
    let input: [Float] = [2, 4, 8, 16]
    let single = Attribution.occlusion(
      probed, input: input, class: 0, window: .init(size: 1, stride: 1))
    #expect(single.values == [2, -8, 24, 8])
    // One window hides all.
    let whole = Attribution.occlusion(
      probed, input: input, class: 0, window: .init(size: 2, stride: 1))
    #expect(whole.values == [26, 26, 26, 26])
    let ones = Attribution.occlusion(
      probed, input: input, class: 0, window: .init(size: 1, stride: 1), baseline: 1)
    #expect(ones.values == [1, -6, 21, 7.5])
  }

  /// ⌈(5 − 3)/2⌉ + 1 = 2 places; ⌈(6 − 3)/2⌉ + 1 = 3 places, of which the last reaches past the end.
  @Test func windowsCoverTheImage() {
    #expect(Attribution.Window(size: 3, stride: 2).starts(5) == [0, 2])
    #expect(Attribution.Window(size: 3, stride: 2).starts(6) == [0, 2, 4])
    #expect(Attribution.Window(size: 3, stride: 3).starts(3) == [0])
    for size in 1...5 {
      for stride in 1...size {
        for extent in size...11 {
          let starts = Attribution.Window(size: size, stride: stride).starts(extent)
          let covered = Set(starts.flatMap { $0..<$0 + size })
          #expect((0..<extent).allSatisfy(covered.contains), "\(size) \(stride) \(extent)")
          #expect(starts.allSatisfy { $0 < extent })
        }
      }
    }
  }

  /// Positions of 4 pixels in 2: −¼, ¼, ¾, 1¼; of 1 in 2: ½.
  @Test func resizingInterpolates() {
    let map = AttributionMap(height: 1, width: 2, values: [0, 4])
    #expect(map.resized(height: 1, width: 4).values == [0, 1, 3, 4])
    #expect(map.resized(height: 2, width: 4).values == [0, 1, 3, 4, 0, 1, 3, 4])
    #expect(map.resized(height: 1, width: 1).values == [2])
    #expect(map.resized(height: 1, width: 2) == map)
  }

  /// Probes change no bit of the outputs, and see what each layer gives; in evaluation and backward.
  @Test(
    arguments: [
      "conv(16,3) bn relu pool(2) conv(32,5) bn pool(2) relu fc(24) relu dropout(0.5) fc(classes)",
      "conv(8,3,bias=no) bn gelu res(conv(8,3) bn relu) pool(2) dropout(0.2) conv(64,3) relu conv(96,3) "
        + "bn relu globalmax fc(classes) scale(1/9)",
      "signal conv1d(8,9,stride=2) relu pool1d(2) fc(classes)",
    ], [1, 5, 23])
  func probesChangeNoBit(_ notation: String, _ count: Int) throws {
    let network = try Architecture(notation).network(input: [1, 12, 12, 3], classes: 7)
    network.initialize(seed: 5)
    var random = Random(seed: 2, domain: .gradientCheck)
    for parameter in network.parameters where parameter.role == .running {
      let shift: Float = parameter.name.hasSuffix("running_var") ? 0.5 : -0.5
      parameter.setValues(
        stored: (0..<parameter.layout.count).map { _ in random.uniform() + shift })
    }
    let input = (0..<count * 12 * 12 * 3).map { _ in random.uniform() - 0.5 }
    let context = context()
    let executor = Executor(network, capacity: count, training: false, context: context)
    _ = executor.input.elements.update(fromContentsOf: input)
    let outputs = Array(executor.forward(count: count).elements)

    let watched = network.shownLayers
    let plain = ProbedNetwork(
      network, watching: [ProbedNetwork.input] + watched, capacity: count, givesGradients: false,
      context: context)
    #expect(plain.forward(input) == outputs)
    #expect(plain.activations(ofLayer: ProbedNetwork.input, count: count) == input)
    let last = try #require(watched.last)
    #expect(plain.activations(ofLayer: last, count: count) == outputs)

    let backward = ProbedNetwork(
      network, watching: watched, capacity: count, givesGradients: true, context: context)
    #expect(backward.forward(input) == outputs)
    for layer in watched {
      #expect(
        backward.activations(ofLayer: layer, count: count)
          == plain.activations(ofLayer: layer, count: count), "\(network.layers[layer].name)")
    }
    let classes = (0..<count).map { $0 % 7 }
    backward.backward(classes: classes)
    let gradient = backward.gradients(ofLayer: last, count: count)
    for (place, value) in gradient.enumerated() {
      #expect(value == (place % 7 == classes[place / 7] ? 1 : 0))
    }
    // Each example's gradient is its own: the same example alone gives the same bits.
    let alone = ProbedNetwork(
      network, watching: [], capacity: 1, givesGradients: true, context: context)
    let size = 12 * 12 * 3
    for example in [0, count - 1] {
      _ = alone.forward(Array(input[example * size..<(example + 1) * size]))
      alone.backward(classes: [classes[example]])
      let whole = backward.gradients(ofLayer: ProbedNetwork.input, count: count)
      let own = alone.gradients(ofLayer: ProbedNetwork.input, count: 1)
      let expected = whole[example * size..<(example + 1) * size]
      #expect(zip(own, expected).allSatisfy { abs($0 - $1) <= 1e-5 })
      #expect(own.contains { $0 != 0 })
    }
  }

  @Test func layersAreChosenByTheirKind() throws {
    let network = try Architecture(
      "conv(4,3) bn relu res(conv(4,3) relu) pool(2) flatten fc(8) relu dropout(0.5) fc(classes)"
    ).network(input: [1, 8, 8, 1], classes: 3)
    let name = { (index: Int) in network.layers[index].name }
    #expect(network.mappedConvolutions.map(name) == ["conv1", "conv2"])
    #expect(network.rectifiers.map(name) == ["relu1", "relu2", "relu3"])
    #expect(network.filterLayers.map(name) == ["conv1", "conv2"])
    #expect(network.featureLayer.map(name) == "relu3")
    #expect(!network.shownLayers.map(name).contains("flatten1"))
    #expect(!network.shownLayers.map(name).contains("dropout1"))
    let small = try Architecture("fc(classes)").network(input: [1, 8, 8, 1], classes: 3)
    #expect(small.featureLayer == ProbedNetwork.input)
    let signal = try Architecture("signal conv1d(4,3) fc(classes)").network(
      input: [1, 8, 8, 1], classes: 3)
    #expect(signal.mappedLayers == [])
  }
}
