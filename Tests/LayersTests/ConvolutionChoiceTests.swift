import Tensors
import TestSupport
import Testing

@testable import Layers
@testable import Networks

@Suite struct ConvolutionChoiceTests {
  @Test(arguments: [
    ("auto", "auto"), ("direct", "direct"), ("circulant", "circulant"),
    ("conv1=direct", "conv1=direct"), ("conv1=auto", "auto"),
    ("conv10=im2row,conv2=winograd,conv1=auto", "conv2=winograd,conv10=im2row"),
  ])
  func readsAndWrites(_ text: String, _ canonical: String) throws {
    let choice = try ConvolutionChoice(text)
    #expect(choice.description == canonical)
    #expect(try ConvolutionChoice(canonical) == choice)
  }

  @Test func orderDoesNotMatter() throws {
    #expect(
      try ConvolutionChoice("conv1=direct,conv2=im2row")
        == ConvolutionChoice("conv2=im2row,conv1=direct"))
  }

  @Test(arguments: [
    ("", ConvolutionChoiceError.unknownAlgorithm(found: "")),
    ("Direct", .unknownAlgorithm(found: "Direct")),
    ("direct,winograd", .unknownAlgorithm(found: "direct,winograd")),
    ("conv1=fft", .unknownAlgorithm(found: "fft")),
    ("conv1=", .unknownAlgorithm(found: "")),
    ("=direct", .unreadable(found: "=direct")),
    ("conv1=direct,", .unreadable(found: "")),
    ("conv1=direct=auto", .unreadable(found: "conv1=direct=auto")),
    ("conv1=direct,direct", .unreadable(found: "direct")),
    ("conv1=auto,conv1=direct", .repeated(layer: "conv1")),
  ])
  func saysWhatIsWrong(_ text: String, _ error: ConvolutionChoiceError) {
    #expect(throws: error) { try ConvolutionChoice(text) }
  }

  private func network(
    _ notation: String = "conv(16,5) pool(2) conv(48,3) relu fc(classes)"
  ) throws -> Sequential {
    try Architecture(notation).network(input: [1, 24, 24, 1], classes: 4)
  }

  private func algorithms(_ network: Sequential) -> [String] {
    network.layers.enumerated().compactMap { index, layer in
      (layer as? Convolution2D)?.algorithmName(for: network.inputShape(ofLayer: index))
    }
  }

  @Test(arguments: [
    ("auto", ["winograd-rows", "winograd"]), ("direct", ["direct", "direct"]),
    ("im2row", ["im2row", "im2row"]), ("circulant", ["circulant", "circulant"]),
    ("conv2=im2row", ["winograd-rows", "im2row"]), ("conv1=im2row", ["im2row", "winograd"]),
    ("conv2=winograd,conv1=circulant", ["circulant", "winograd"]),
  ])
  func setsTheAlgorithms(_ text: String, _ expected: [String]) throws {
    let network = try network()
    // Earlier choices have no effect.
    try network.setConvolutionAlgorithms(ConvolutionChoice("circulant"))
    try network.setConvolutionAlgorithms(ConvolutionChoice(text))
    #expect(algorithms(network) == expected)
  }

  @Test func saysWhatDoesNotSuitTheNetwork() throws {
    let network = try network()
    #expect(
      throws: ConvolutionChoiceError.unknownLayer(found: "conv3", known: ["conv1", "conv2"])
    ) { try network.setConvolutionAlgorithms(ConvolutionChoice("conv1=direct,conv3=im2row")) }
    #expect(
      throws: ConvolutionChoiceError.unsupported(
        layer: "conv1",
        convolution: "3 to 24 channels, kernel 5×3, stride 1×1, over 12×12",
        algorithm: "winograd", scope: WinogradConvolution.scope)
    ) {
      try Architecture("conv(24,5x3) fc(classes)").network(input: [1, 12, 12, 3], classes: 4)
        .setConvolutionAlgorithms(ConvolutionChoice("winograd"))
    }
    let large = try Architecture("conv(64,3) fc(classes)").network(
      input: [1, 28, 28, 1], classes: 4)
    #expect(
      throws: ConvolutionChoiceError.unsupported(
        layer: "conv1", convolution: "1 to 64 channels, kernel 3×3, stride 1×1, over 28×28",
        algorithm: "circulant",
        scope: "layers with at most 16777216 elements in the matrix, inputs times outputs")
    ) { try large.setConvolutionAlgorithms(ConvolutionChoice("conv1=circulant")) }
    let none = try Architecture("fc(classes)").network(input: [1, 4, 4, 1], classes: 4)
    try none.setConvolutionAlgorithms(ConvolutionChoice("winograd"))
    #expect(throws: ConvolutionChoiceError.unknownLayer(found: "conv1", known: [])) {
      try none.setConvolutionAlgorithms(ConvolutionChoice("conv1=direct"))
    }
  }

  @Test func saysWhatToDoInstead() {
    let error = ConvolutionChoiceError.unsupported(
      layer: "conv1", convolution: "its extents", algorithm: "winograd", scope: "some layers")
    #expect(
      error.description == "winograd does not compute conv1, its extents (expected some layers; "
        + "give winograd only to layers that it computes, such as conv2=winograd).")
  }

  /// The executor has allocated memory for the algorithm that was chosen before.
  @Test func isMadeBeforeTheNetworkRuns() async {
    await #expect(processExitsWith: .failure) {
      let network = try Architecture("conv(4,3) fc(classes)").network(
        input: [1, 8, 8, 1], classes: 4)
      _ = Executor(network, capacity: 1, training: false, context: Context(threadCount: 1))
      try network.setConvolutionAlgorithms(ConvolutionChoice("circulant"))
    }
  }

  /// The outputs and gradients of the whole network, computed by the executor.
  private func run(
    _ text: String, threads: Int, chunkBytes: Int, count: Int = 37
  ) throws -> (outputs: [Float], gradients: [[Float]]) {
    let network = try network()
    network.initialize(seed: 3)
    try network.setConvolutionAlgorithms(ConvolutionChoice(text))
    let executor = Executor(
      network, capacity: count, training: true, context: Context(threadCount: threads),
      chunkBytes: chunkBytes)
    var random = WholeNumbers(seed: 8)
    let shape = executor.input.shape
    _ = executor.input.elements.update(fromContentsOf: random.fractions(shape.count))
    let outputs = Array(executor.forward(count: count).elements)
    let gradient = executor.outputGradient(count: count)
    _ = gradient.elements.update(fromContentsOf: random.fractions(gradient.count))
    executor.backward(count: count)
    return (outputs, network.parameters.map { $0.storedGradient() })
  }

  /// One example at a time or a whole lane, on one thread or three.
  @Test(arguments: ["im2row", "circulant"])
  func chunksAndThreadsLeaveNoTrace(_ text: String) throws {
    let reference = try run(text, threads: 1, chunkBytes: 1)
    let automatic = try run("auto", threads: 1, chunkBytes: 1)
    #expect(relativeDifference(reference.outputs, automatic.outputs) < 1e-5)
    for (found, expected) in zip(reference.gradients, automatic.gradients) {
      #expect(relativeDifference(found, expected) < 1e-5)
    }
    for (threads, bytes) in [(1, 1 << 24), (3, 1), (3, 1 << 16)] {
      let other = try run(text, threads: threads, chunkBytes: bytes)
      #expect(other.outputs == reference.outputs)
      #expect(other.gradients == reference.gradients)
    }
  }
}
