import Tensors
import TestSupport
import Testing

@testable import Benchmarking
@testable import Layers
@testable import Networks

@Suite struct KernelProblemTests {
  @Test func readsConvolutionsAndCountsMultiplyAdds() throws {
    let plain = try KernelProblem("conv(64,3) on 32x32x16")
    #expect(plain.description == "conv(64,3) on 32x32x16")
    #expect(plain.multiplyAdds == 32 * 32 * 64 * 3 * 3 * 16)
    let valid = try KernelProblem("  CONV(8, 3x5, stride=2, padding=valid)  on 9x11x3 ")
    #expect(valid.description == "conv(8,3x5,stride=2,padding=valid) on 9x11x3")
    #expect(valid.multiplyAdds == 4 * 4 * 8 * 3 * 5 * 3)
    #expect(valid.algorithms.contains("direct") && !valid.algorithms.contains("winograd"))
    #expect(plain.algorithms.first == "winograd")
  }

  @Test func readsFullyConnectedLayers() throws {
    let problem = try KernelProblem("fc(512) on 1568")
    #expect(problem.description == "fc(512) on 1568")
    #expect(problem.multiplyAdds == 512 * 1568)
    #expect(problem.algorithms == ["product"])
  }

  @Test(arguments: [
    ("conv(64,3)", "it has no input"),
    ("conv(64,3) at 32x32x3", "it has no input"),
    ("conv(64,3) relu on 32x32x3", "“conv(64,3) relu” is not one layer that multiplies"),
    ("relu on 32x32x3", "“relu” is not one layer that multiplies"),
    ("fc(classes) on 32", "“fc(classes)” is not one layer that multiplies"),
    ("conv(64,3,frozen=yes) on 9x9x3", "a frozen layer has no gradient by its weights"),
    ("conv(64,3) on 32x32", "the input is “32x32”"),
    ("conv(64,3) on 32x0x3", "the input is “32x0x3”"),
    ("conv(64,3) on 32xx3", "the input is “32xx3”"),
    ("conv(64,3) on 99999999x99999999x99999999", "the input is “99999999x99999999x99999999”"),
    ("fc(10) on 3x3", "the input is “3x3”"),
    (
      "conv(64,5,padding=valid) on 4x9x3",
      "the layer does not fit: it cannot take an input of 4×9×3"
    ),
    ("conv(64) on 9x9x3", "the kernel's size is missing"),
    (
      "conv(65000,999) on 9x9x3",
      "the layer does not fit: its weight of 999×999×3×65000 would not fit into memory"
    ),
    (
      "fc(65000) on 16000000",
      "the layer does not fit: its weight of 16000000×65000 would not fit into memory"
    ),
  ])
  func mistakes(_ text: String, _ problem: String) {
    let error = #expect(throws: NotationError.self) { try KernelProblem(text) }
    #expect(error?.problem == problem)
    #expect(error?.expected.isEmpty == false)
  }

  /// The shapes listed for the named models occur in the models.
  @Test func listedShapesOccurInTheNamedModels() {
    let names = Set(KernelProblem.ofNamedModels().map(\.description))
    #expect(names.count == KernelProblem.ofNamedModels().count)
    for expected in [
      "conv(16,5) on 28x28x1", "conv(32,5) on 14x14x16", "fc(512) on 1568",  // fer-mnist
      "conv(64,3,padding=valid) on 26x26x32",  // pytorch-mnist
    ] { #expect(names.contains(expected)) }
  }
}

/// Each run of a benchmark computes exactly the passes that it names.
@Suite struct KernelBenchmarkTests {
  private func results(
    _ text: String, _ algorithm: String, _ run: KernelBenchmark.Run, batchSize: Int = 16
  ) throws -> (y: [Float], dx: [Float], weights: [Float]) {
    let benchmark = try #require(
      KernelBenchmark(
        KernelProblem(text, batchSize: batchSize), algorithm: algorithm,
        context: Context(threadCount: 1)))
    benchmark.run(run)
    return (
      Array(benchmark.y.elements), Array(benchmark.dx.elements), benchmark.weightGradient
    )
  }

  /// All algorithms get the same numbers and give the same results, up to rounding.
  @Test func algorithmsComputeTheSame() throws {
    let text = "conv(32,3) on 9x10x16"
    let direct = try results(text, "direct", .gradients)
    #expect(direct.y.contains { abs($0) > 0.1 })
    #expect(direct.dx.contains { abs($0) > 1e-5 } && direct.weights.contains { abs($0) > 1e-5 })
    let problem = try KernelProblem(text)
    #expect(problem.tiles.count == 7)
    for algorithm in problem.algorithms + problem.tiles {
      let found = try results(text, algorithm, .gradients)
      #expect(relativeDifference(found.y, direct.y) < 1e-4, "\(algorithm)")
      #expect(relativeDifference(found.dx, direct.dx) < 1e-4, "\(algorithm)")
      #expect(relativeDifference(found.weights, direct.weights) < 1e-4, "\(algorithm)")
    }
  }

  /// Winograd's method alone gets the bits of its method with the tile that it takes, and others with other tiles.
  /// Groups have no tiles, and neither has a layer that is computed without its outer taps.
  @Test func tilesAreThoseOfWinogradsMethod() throws {
    let problem = try KernelProblem("conv(32,3) on 9x10x16", batchSize: 16)
    let found = try results(problem.description, "winograd", .gradients)
    for tile in problem.tiles {
      let same = try results(problem.description, tile, .gradients) == found
      #expect(same == (tile == problem.chosenTile), "\(tile)")
      #expect(!problem.costCounts(of: tile).isEmpty)
    }
    for text in ["conv(32,3,groups=2) on 9x10x16", "conv(8,5) on 2x2x4", "conv(8,3x5) on 9x9x4"] {
      let problem = try KernelProblem(text)
      #expect(problem.tiles.isEmpty && problem.chosenTile == nil)
    }
  }

  /// Backward data is computed neither in a run of backward weights nor in a forward pass.
  @Test(arguments: ["conv(32,3) on 9x10x16", "fc(20) on 48"])
  func eachRunComputesOnlyItsPasses(_ text: String) throws {
    for algorithm in try KernelProblem(text).algorithms {
      let forward = try results(text, algorithm, .forward)
      #expect(forward.y.contains { $0 != 0 })
      #expect(forward.dx.allSatisfy { $0 == 0 } && forward.weights.allSatisfy { $0 == 0 })
      let weights = try results(text, algorithm, .weights)
      #expect(weights.dx.allSatisfy { $0 == 0 } && weights.weights.contains { $0 != 0 })
      let both = try results(text, algorithm, .gradients)
      #expect(both.dx.contains { $0 != 0 } && both.weights == weights.weights)
    }
  }

  /// Inference computes the forward pass with weights that were transformed before.
  @Test(arguments: ["conv(32,3) on 9x10x16", "conv(96,5) on 8x8x128", "fc(20) on 48"])
  func inferenceIsAForwardPass(_ text: String) throws {
    let problem = try KernelProblem(text, batchSize: 16, isInference: true)
    for algorithm in problem.algorithms + problem.tiles {
      let context = Context(threadCount: 1)
      let benchmark = try #require(
        KernelBenchmark(problem, algorithm: algorithm, context: context))
      benchmark.y.elements.update(repeating: 0)
      for _ in 0..<9 { benchmark.run(.inference) }
      let forward = try results(text, algorithm, .forward)
      #expect(relativeDifference(Array(benchmark.y.elements), forward.y) < 1e-4, "\(algorithm)")
      #expect(benchmark.dx.elements.allSatisfy { $0 == 0 })
    }
  }

  /// A larger batch is more work. The sum over twice the examples is twice the sum, since the
  /// examples of a lane repeat.
  @Test func theWholeBatchIsDone() throws {
    let text = "conv(16,3) on 40x40x16"
    let once = try results(text, "direct", .weights, batchSize: 16)
    let twice = try results(text, "direct", .weights, batchSize: 32)
    // At this size a chunk has one example, so each lane repeats its first example.
    #expect(relativeDifference(twice.weights, once.weights.map { 2 * $0 }) < 1e-4)
  }

  @Test func unsupportedAlgorithmsGiveNoBenchmark() throws {
    let context = Context(threadCount: 1)
    let problem = try KernelProblem("conv(5,3x5) on 8x8x3")
    #expect(
      KernelBenchmark(problem, algorithm: "winograd", context: context) == nil)
    #expect(KernelBenchmark(problem, algorithm: "product", context: context) == nil)
    #expect(KernelBenchmark(problem, algorithm: "magic", context: context) == nil)
  }
}
