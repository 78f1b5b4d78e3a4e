import Tensors
import Testing

@testable import Layers
@testable import Networks

/// The storage of the outputs, and the sources of the gradients in the backward pass, as tables.
@Suite struct ExecutionPlanTests {
  private func plan(_ notation: String, training: Bool = true) throws -> ExecutionPlan {
    let network = try Architecture(notation + " fc(classes)").network(
      input: [1, 10, 8, 64], classes: 7)
    return ExecutionPlan(network, capacity: 3, training: training, threads: 1, arena: Arena())
  }

  // MARK: Outputs

  private func describe(_ run: ExampleRun) -> [String] {
    run.steps.map { step in
      let y =
        switch step.y {
        case .stored: "stored"
        case .passing: "passing"
        case .passingInPlace: "passing in place"
        case .recomputed: "recomputed"
        case .recomputedInPlace: "recomputed in place"
        }
      return "\(step.layer.name) \(y)"
    }
  }

  private func describe(_ unit: ExecutionPlan.Unit) -> [String] {
    switch unit {
    case .run(let run): return describe(run)
    case .batch(let step):
      let y = step.storedOutput == nil ? "in a ring" : "stored"
      return (step.prologue.map(describe) ?? []) + ["\(step.layer.name) \(y)"]
        + (step.epilogue.map(describe) ?? [])
    }
  }

  @Test(arguments: [
    // The backward pass reads only the output of a ReLU, and the input of a convolution.
    ("conv(8,3) relu", "conv1 passing, relu1 stored"),
    ("conv(8,3) relu conv(8,3)", "conv1 passing, relu1 stored, conv2 stored"),
    ("conv(8,3) conv(8,3) scale(2)", "conv1 stored, conv2 passing, scale1 stored"),
    // Pooling saves positions, so its backward pass reads neither input nor output.
    ("conv(8,3) pool(2) gelu", "conv1 passing, pool1 stored, gelu1 stored"),
    ("conv(8,3) relu pool(2)", "conv1 passing, pool1 stored"),
    // Batch normalization starts a unit. Its output is recomputed from its stored input.
    ("conv(8,3) bn conv(8,3)", "conv1 stored, bn1 recomputed, conv2 stored"),
    ("conv(8,3) bn pool(2)", "conv1 stored, bn1 passing, pool1 stored"),
    ("conv(8,3) bn gelu conv(8,3)", "conv1 stored, bn1 recomputed, gelu1 stored, conv2 stored"),
    // A chain of recomputed layers uses the same memory.
    (
      "conv(8,3) bn relu relu conv(8,3)",
      "conv1 stored, bn1 recomputed, relu2 recomputed in place, conv2 stored"
    ),
    // Another layer between two recomputed layers ends the chain.
    (
      "conv(8,3) bn scale(2) relu conv(8,3)",
      "conv1 stored, bn1 passing, scale1 passing in place, relu1 stored, conv2 stored"
    ),
    // Both ends of a residual block share their saved state.
    (
      "conv(8,3) res(relu conv(8,3))",
      "conv1 passing, branch1 passing in place, relu1 stored, conv2 passing, sum1 stored"
    ),
    // Large convolutions have a prologue, and an epilogue with a ring or with stored outputs.
    (
      "conv(160,3,bias=no) bn relu conv(64,3,bias=no) pool(2)",
      "conv1 stored, bn1 passing, conv2 in a ring, pool1 stored"
    ),
    ("conv(160,3,bias=no) gelu", "conv1 stored, gelu1 stored"),
  ])
  func whatIsStored(_ notation: String, _ expected: String) throws {
    let outputs = try plan(notation).units.flatMap(describe)
    #expect(outputs.joined(separator: ", ") == expected + ", fc1 stored")
  }

  /// In evaluation no backward pass reads an activation.
  @Test(arguments: [
    (
      "conv(8,3) relu conv(8,3) bn relu",
      "conv1 passing, relu1 passing in place, conv2 passing, bn1 stored"
    ),
    ("conv(160,3) bn relu pool(2)", "conv1 in a ring, bn1 passing, pool1 stored"),
    ("conv(8,3) dropout(0.5) relu", "conv1 passing, relu1 stored"),
  ])
  func whatIsStoredInEvaluation(_ notation: String, _ expected: String) throws {
    let outputs = try plan(notation, training: false).units.flatMap(describe)
    #expect(outputs.joined(separator: ", ") == expected + ", fc1 stored")
  }

  // MARK: Gradients

  /// Activations of 10·8·64, 5·4·64 and 2·2·64 floats: training holds all of them for each example of a chunk, and
  /// evaluation two.
  @Test func aChunkFitsWhatIsHeld() throws {
    let network = try Architecture("avgpool(2) avgpool(2) fc(classes)").network(
      input: [1, 10, 8, 64], classes: 7)
    func chunk(training: Bool, floats: Int) -> Int? {
      let plan = ExecutionPlan(
        network, capacity: 3, training: training, threads: 1, chunkBytes: 4 * floats,
        arena: Arena())
      guard case .run(let run) = plan.units[0] else { return nil }
      return run.chunkSize
    }
    #expect(chunk(training: true, floats: 2 * 6656) == 2)
    #expect(chunk(training: true, floats: 2 * 6656 - 1) == 1)
    #expect(chunk(training: false, floats: 2 * 6400) == 2)
    #expect(chunk(training: false, floats: 2 * 6400 - 1) == 1)
  }

  private func names(_ run: ExampleRun) -> String {
    run.steps[run.backwardLayers].map(\.layer.name).joined(separator: " ")
  }

  private func describe(_ source: GradientSource) -> String {
    switch source {
    case .stored: "stored"
    case .throughNormalization(let layer, _, let outer): "\(layer.name)(\(describe(outer)))"
    case .throughRun(let run, let outer): "\(names(run))(\(describe(outer)))"
    }
  }

  private func describe(_ step: BackwardStep) -> String {
    switch step {
    case .run(let run, let dy, let dx):
      "\(names(run))\(run.statistics.map { "[\($0.name) sums]" } ?? "") from \(describe(dy))"
        + (dx == nil ? "" : ", stored")
    case .store(let dy, _): "\(describe(dy)), stored"
    case .layer(let step, let dy, let dx):
      "\(step.layer.name) from \(describe(dy))" + (dx == nil ? "" : ", stored")
    }
  }

  @Test(arguments: [
    // Consecutive layers run backward together, and the first one gives no gradient.
    ("conv(8,3) relu", ["conv1 relu1 from stored"]),
    // The backward pass of batch normalization is part of the preceding unit.
    (
      "conv(8,3) bn relu conv(8,3)",
      ["conv2[bn1 sums] from stored, stored", "conv1 from bn1(stored)"]
    ),
    ("conv(8,3) bn", ["[bn1 sums] from stored", "conv1 from bn1(stored)"]),
    // Pooling behind batch normalization runs backward twice.
    (
      "conv(8,3) bn relu pool(2)",
      ["pool1[bn1 sums] from stored", "conv1 from bn1(pool1(stored))"]
    ),
    // A bias gradient sums over all outputs' gradients, so they are stored first.
    (
      "conv(160,3) bn pool(2)",
      ["pool1[bn1 sums] from stored", "bn1(pool1(stored)), stored", "conv1 from stored"]
    ),
    // An epilogue and a prologue.
    (
      "conv(160,3,bias=no) bn relu conv(64,3,bias=no) pool(2)",
      [
        "conv2 from pool1(stored), stored", "[bn1 sums] from stored", "conv1 from bn1(stored)",
      ]
    ),
    (
      "conv(160,3) pool(2) bn pool(2)",
      ["pool2[bn1 sums] from stored", "pool1 from bn1(pool2(stored)), stored", "conv1 from stored"]
    ),
    // No earlier layer is trained.
    ("gelu conv(8,3,bias=no,frozen=yes) relu", []),
  ])
  func whereGradientsComeFrom(_ notation: String, _ expected: [String]) throws {
    let isTrained = !expected.isEmpty
    let steps = try plan(notation).backwardSteps.map(describe)
    #expect(steps == ["fc1 from stored" + (isTrained ? ", stored" : "")] + expected)
  }

  @Test func evaluationHasNoBackwardPass() throws {
    #expect(try plan("conv(8,3) relu", training: false).backwardSteps.isEmpty)
  }
}
