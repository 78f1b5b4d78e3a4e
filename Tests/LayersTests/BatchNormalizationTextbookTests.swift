import Tensors
import TestSupport
import Testing
import Textbook

@testable import Layers

/// Batch normalization against the Textbook's chain rule in Double. Some batches leave lanes empty,
/// and some numbers of channels leave vectors partly filled.
@Suite struct BatchNormalizationTextbookTests {
  @Test(
    arguments: [
      [1, 3, 4, 5], [2, 5, 1, 16], [5, 2, 2, 33], [16, 3, 3, 4], [19, 2, 3, 17],
    ] as [Shape], KernelSet.available)
  func passesAreTheTextbooks(_ shape: Shape, _ set: KernelSet) throws {
    var random = WholeNumbers(seed: shape.count)
    let channels = shape[3]
    let x = random.fractions(shape.count)
    let dy = random.fractions(shape.count)
    let layer = BatchNormalization("bn1", channels: channels, epsilon: 1e-3, momentum: 0.25)
    layer.weight.setValues(stored: random.fractions(channels))
    layer.bias.setValues(stored: random.fractions(channels))
    let scale = Vector(layer.weight.storedValues().map(Double.init))
    let shift = Vector(layer.bias.storedValues().map(Double.init))

    let batch = volumes(x.map(Double.init), shape)
    let y = batchNormalization(batch, scale: scale, shift: shift, epsilon: 1e-3)
    let backward = batchNormalizationBackward(
      volumes(dy.map(Double.init), shape), batch, scale: scale, epsilon: 1e-3)
    let averages = BatchStatistics(
      mean: Vector(zeros: channels), variance: Vector(count: channels) { _ in 1.0 }, count: 1
    ).followed(by: BatchStatistics(of: batch), momentum: 0.25)

    let run = try LayerRun(layer, x: x, shape: shape, dy: dy, kernelSet: set, threads: 2)
    #expect(relativeDifference(run.y, elements(y).map(Float.init)) < 1e-6)
    #expect(relativeDifference(run.dx, elements(backward.dp).map(Float.init)) < 2e-6)
    #expect(
      relativeDifference(run.gradients[0], backward.dgamma.elements.map(Float.init)) < 2e-6)
    #expect(
      relativeDifference(run.gradients[1], backward.dbeta.elements.map(Float.init)) < 1e-6)
    #expect(
      relativeDifference(
        layer.runningMean.storedValues(), averages.mean.elements.map(Float.init)) < 1e-6)
    #expect(
      relativeDifference(
        layer.runningVariance.storedValues(), averages.variance.elements.map(Float.init)) < 1e-6)
  }
}
