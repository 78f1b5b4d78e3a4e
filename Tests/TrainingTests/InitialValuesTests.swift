import Checkpoints
import Files
import Layers
import Networks
import Tensors
import TestSupport
import Testing

@testable import Training

/// Initial values from files of other programs.
@Suite struct InitialValuesTests {
  static let fixtures =
    String(#filePath.dropLast("InitialValuesTests.swift".count)) + "Fixtures/"
  static let notation = "conv(3,3) relu convt(4,2,stride=2) bn relu fc(classes)"

  let folder = TemporaryFolder()

  func network(
    _ notation: String = Self.notation, input: Shape = [1, 4, 6, 2], classes: Int = 5
  ) throws -> Sequential {
    let network = try Architecture(notation).network(input: input, classes: classes)
    network.initialize(seed: 3)
    return network
  }

  func values(_ network: Sequential) -> [[Float]] {
    network.parameters.map { $0.storedValues() }
  }

  /// Writes the tensors like a program that does not use the rules of checkpoints.
  func write(
    _ tensors: [StoredTensor], metadata: [String: String] = [:]
  ) throws -> String {
    try folder.write(Safetensors.encode(tensors: tensors, metadata: metadata), to: "a.safetensors")
  }

  /// The network's parameters as tensors, changed by `change`.
  func tensors(
    of network: Sequential, _ change: (StoredTensor) -> StoredTensor = { $0 }
  ) -> [StoredTensor] {
    network.parameters.map {
      change(
        StoredTensor(name: $0.name, shape: $0.layout.storedShape, values: $0.storedValues()))
    }
  }

  func failure(_ path: String, _ network: Sequential, _ layout: WeightLayout? = nil)
    -> String?
  {
    let before = values(network)
    do throws(CheckpointError) {
      try InitialValues.load(path, into: network, layout: layout)
      return nil
    } catch {
      #expect(values(network) == before, "a refused file changed the network")
      return error.problem.description
    }
  }

  // MARK: Whole networks

  /// Files written by both programs, unpadded, out of order, with null metadata, and with a prefix.
  /// The network's outputs equal those of the programs.
  @Test(arguments: [
    (
      "pytorch", "its names were taken without their prefix \"model.\"."
    ),
    (
      "mlx",
      "its weights are in MLX's layout, [cout, kh, kw, cin], by their shapes; they were brought into"
        + " PyTorch's."
    ),
  ])
  func aNetworkOfAnotherProgramGivesItsOutputs(program: String, notice: String) throws {
    let network = try network()
    let path = "\(Self.fixtures)\(program)-network.safetensors"
    #expect(try InitialValues.load(path, into: network) == ["\(path): \(notice)"])

    let file = try SafetensorsFile(
      try InputFile.read("\(Self.fixtures)network-outputs.safetensors", limit: 1 << 16))
    func tensor(_ name: String) throws -> [Float] {
      try file.values(of: try #require(file.entries.first { $0.name == name }))
    }
    let executor = Executor(
      network, capacity: 3, training: false, context: Context(threadCount: 1))
    _ = executor.input.elements.update(fromContentsOf: try tensor("input"))
    let outputs = Array(executor.forward(count: 3).elements)
    let expected = try tensor(program)
    #expect(outputs.count == 15 && expected.count == 15)
    for (output, value) in zip(outputs, expected) { #expect(abs(output - value) <= 1e-5) }
  }

  @Test func aGivenLayoutIsNotQuestioned() throws {
    let path = "\(Self.fixtures)mlx-network.safetensors"
    let recognized = try network()
    try InitialValues.load(path, into: recognized)
    let given = try network()
    #expect(try InitialValues.load(path, into: given, layout: .mlx) == [])
    #expect(values(given) == values(recognized))
    #expect(
      failure(path, try network(), .pytorch)
        == "tensor \"conv1.weight\" has another shape (found [3, 3, 3, 2], expected [3, 2, 3, 3])")
  }

  // MARK: Layouts

  /// A 3×3 convolution of three input channels has the same shape in both layouts.
  @Test func anAmbiguousShapeIsPyTorchs() throws {
    let network = try network("conv(4,3) globalavg fc(classes)", input: [1, 5, 5, 3])
    let before = values(network)
    let tensors = tensors(of: network)
    let path = try write(tensors)
    #expect(
      try InitialValues.load(path, into: network) == [
        "\(path): its shapes, such as [4, 3, 3, 3] of conv1.weight, fit PyTorch's layout and MLX's"
          + " alike; PyTorch's was taken. If it is MLX's, give --init-layout mlx."
      ])
    #expect(values(network) == before)
    // According to its metadata, PyTorch wrote the file.
    #expect(
      try InitialValues.load(write(tensors, metadata: ["format": "pt"]), into: network) == [])

    try InitialValues.load(path, into: network, layout: .mlx)
    let weight = network.parameters[0].storedValues()
    for (o, i, y, x) in [(0, 0, 0, 1), (3, 2, 1, 0), (2, 1, 2, 2)] {
      #expect(weight[((o * 3 + i) * 3 + y) * 3 + x] == before[0][((o * 3 + y) * 3 + x) * 3 + i])
    }
  }

  /// An order that is equal in both layouts is not ambiguous.
  @Test func equalOrdersAreNotAmbiguous() throws {
    let network = try network(
      "conv(4,1) relu globalavg fc(classes)", input: [1, 5, 5, 1])
    let path = try write(tensors(of: network))
    #expect(try InitialValues.load(path, into: network) == [])
  }

  @Test func signalsAndColumnsAreReorderedToo() throws {
    let network = try network("signal conv1d(4,3) fc(classes)", input: [1, 2, 3, 2], classes: 3)
    // Elements are numbered in MLX's order.
    func numbered(_ name: String, _ shape: [Int]) -> StoredTensor {
      StoredTensor(
        name: name, shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0) })
    }
    let path = try write([
      numbered("conv1.weight", [4, 3, 2]), numbered("conv1.bias", [4]),
      numbered("fc1.weight", [3, 24]), numbered("fc1.bias", [3]),
    ])
    #expect(try InitialValues.load(path, into: network).count == 1)
    let values = values(network)
    // [cout, cin, k] from [cout, k, cin].
    #expect(Array(values[0].prefix(6)) == [0, 2, 4, 1, 3, 5])
    // Columns (c, w) from (w, c), for six pixels with four channels.
    #expect(Array(values[2].prefix(7)) == [0, 4, 8, 12, 16, 20, 1])
    #expect(values[3] == [0, 1, 2])
  }

  // MARK: Names

  @Test func aPrefixMustBeThatOfAllNames() throws {
    let network = try network("fc(3) relu fc(classes)", input: [1, 2, 2, 1])
    func renamed(_ tensor: StoredTensor, _ name: String) -> StoredTensor {
      StoredTensor(name: name, shape: tensor.shape, values: tensor.values)
    }
    let before = values(network)
    for prefix in ["model.", "module.", "module.model.", "_orig_mod."] {
      let path = try write(tensors(of: network) { renamed($0, prefix + $0.name) })
      #expect(
        try InitialValues.load(path, into: network)
          == ["\(path): its names were taken without their prefix \"\(prefix)\"."])
      #expect(values(network) == before)
    }
    for rename in [
      { $0 == "fc2.bias" ? $0 : "model.\($0)" }, { "model\($0)" }, { "model.\($0)s" },
    ] as [(String) -> String] {
      let path = try write(tensors(of: network) { renamed($0, rename($0.name)) })
      #expect(
        failure(path, network) == "tensor \"fc1.weight\" is missing (expected shape [3, 4])")
    }
  }

  // MARK: Heads

  /// A file for three classes and a network for two, with different layers as the head.
  @Test(arguments: [
    (
      "conv(3,3) bn relu fc(classes)", WeightLayout.pytorch,
      "fc1.weight [3, 48], fc1.bias [3]: not loaded, for 3 classes where the network has 2;"
        + " fc1 starts anew."
    ),
    (
      "conv(3,3) relu conv(classes,2) globalavg", .pytorch,
      "conv2.weight [3, 3, 2, 2], conv2.bias [3]: not loaded, for 3 classes where the network has 2;"
        + " conv2 starts anew."
    ),
    (
      "conv(3,3) relu conv(classes,2) globalavg", .mlx,
      "conv2.weight [3, 2, 2, 3], conv2.bias [3]: not loaded, for 3 classes where the network has 2;"
        + " conv2 starts anew."
    ),
    (
      "conv(3,3) relu convt(classes,2) globalavg", .pytorch,
      "convt1.weight [3, 3, 2, 2], convt1.bias [3]: not loaded, for 3 classes where the network has"
        + " 2; convt1 starts anew."
    ),
  ])
  func anotherNumberOfClassesStartsTheHeadAnew(
    notation: String, layout: WeightLayout, notice: String
  ) throws {
    // The notation cannot give a convolution one output channel per class.
    func build(_ classes: Int) throws -> Sequential {
      try self.network(
        notation.replacing("(classes,", with: "(\(classes),"), input: [1, 4, 4, 1],
        classes: classes)
    }
    let source = try build(3)
    source.initialize(seed: 9)
    let targets = InitialTarget.all(of: source)
    let tensors = zip(tensors(of: source), targets).map { tensor, target in
      StoredTensor(name: tensor.name, shape: target.shape(in: layout), values: tensor.values)
    }
    let network = try build(2)
    let before = values(network)
    let path = try write(tensors)
    let notices = try InitialValues.load(path, into: network)
    #expect(notices.count == (layout == .mlx ? 2 : 1))
    #expect(notices.last == "\(path): \(notice)")
    let loaded = values(network)
    #expect(Array(loaded.suffix(2)) == Array(before.suffix(2)))
    for (index, target) in targets.dropLast(2).enumerated() {
      #expect(loaded[index] == target.stored(tensors[index].values, from: layout))
      if target.parameter.name == "conv1.weight" { #expect(loaded[index] != before[index]) }
    }
  }

  /// A head with other inputs, two layers with other shapes, and a head whose tensors disagree.
  @Test func otherMismatchesAreRefused() throws {
    let network = try network("fc(3) relu fc(classes)", input: [1, 2, 2, 1], classes: 2)
    func file(_ shapes: [(String, [Int])]) throws -> String {
      try write(
        shapes.map {
          StoredTensor(
            name: $0.0, shape: $0.1, values: [Float](repeating: 1, count: $0.1.reduce(1, *)))
        })
    }
    for (changed, message) in [
      (
        ["fc2.weight": [3, 4], "fc2.bias": [3]],
        "tensor \"fc2.weight\" has another shape (found [3, 4], expected [2, 3])"
      ),
      (
        ["fc2.weight": [3, 3]],
        "tensor \"fc2.weight\" has another shape (found [3, 3], expected [2, 3])"
      ),
      (
        ["fc2.weight": [3, 3], "fc2.bias": [4]],
        "tensor \"fc2.weight\" has another shape (found [3, 3], expected [2, 3])"
      ),
      (
        ["fc1.weight": [5, 4], "fc1.bias": [5], "fc2.weight": [3, 3], "fc2.bias": [3]],
        "tensor \"fc1.weight\" has another shape (found [5, 4], expected [3, 4])"
      ),
      (
        ["fc1.weight": [4, 4], "fc1.bias": [4]],
        "tensor \"fc1.weight\" has another shape (found [4, 4], expected [3, 4])"
      ),
    ] as [([String: [Int]], String)] {
      let path = try file(
        network.parameters.map { ($0.name, changed[$0.name] ?? $0.layout.storedShape) })
      #expect(failure(path, network) == message)
    }
  }

  // MARK: Values
}
