import Layers
import Tensors
import Testing
import Training

@testable import Benchmarking
@testable import Networks

/// Every named model takes a step, as in `benchmark`, on images of its own shape.
@Suite struct StepBenchmarkTests {
  @Test(arguments: NamedModel.all.map(\.name))
  func takesSteps(_ name: String) throws {
    let settings = try Configuration(
      recipe: [], flags: [("model", name), ("batch-size", "3")])
    let context = Context(threadCount: 2)
    let training = try StepBenchmark(settings, training: true, context: context)
    #expect(training.examples == 3)
    // A step with a loss or a gradient that is not finite would throw.
    for _ in 0..<2 { try training.trainingStep() }
    try StepBenchmark(settings, training: false, context: context).forward()
  }

  @Test func aNotationIsMeasuredOnItsDataSet() throws {
    let settings = try Configuration(
      recipe: [], flags: [("arch", "conv(4,28,padding=valid) fc(classes)"), ("batch-size", "2")])
    try StepBenchmark(settings, training: true, context: Context(threadCount: 1)).trainingStep()
    let larger = try Configuration(
      recipe: [], flags: [("arch", "conv(4,29,padding=valid) fc(classes)")])
    #expect(throws: NotationError.self) {
      try StepBenchmark(larger, training: true, context: Context(threadCount: 1))
    }
  }

  @Test func theDefaultModelFitsTheDataSetsChannels() throws {
    for dataset in ["mnist", "fashion-mnist", "kmnist"] {
      let configuration = try Configuration(recipe: [], flags: [("dataset", dataset)])
      #expect(configuration.text("model") == "fer-mnist")
    }
    // The first model for each kind of image is the course's.
    #expect(NamedModel.all.first { $0.inputShape[3] == 3 }?.name == "fer-cifar")
  }
}
