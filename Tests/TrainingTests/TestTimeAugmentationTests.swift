import Layers
import TestSupport
import Testing

@testable import Datasets
@testable import Training

/// Averages of the outputs for several views of an image.
@Suite struct TestTimeAugmentationTests {
  /// Moved by one pixel over mirrored edges, by hand, and then mirrored.
  @Test func viewsOfAnImageOfThreeByThree() {
    let images = ImageSet(
      height: 3, width: 3, channels: 1, classes: 1, pixels: [1, 2, 3, 4, 5, 6, 7, 8, 9],
      labels: [0])
    func view(_ view: ImageView) -> [UInt8] {
      var output = [UInt8](repeating: 0, count: 9)
      images.write(0, as: view, into: &output)
      return output
    }
    #expect(view(.plain) == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(view(ImageView(isMirrored: true)) == [3, 2, 1, 6, 5, 4, 9, 8, 7])
    #expect(view(ImageView(shift: 1)) == [5, 4, 5, 2, 1, 2, 5, 4, 5])
    #expect(view(ImageView(shift: -1)) == [5, 6, 5, 8, 9, 8, 5, 6, 5])
    #expect(view(ImageView(shift: 1, isMirrored: true)) == [5, 4, 5, 2, 1, 2, 5, 4, 5])
  }

  @Test(arguments: TestTimeAugmentation.allCases)
  func weightsAddUpToOne(augmentation: TestTimeAugmentation) {
    #expect(augmentation.views.reduce(0) { $0 + $1.weight } == 1)
    #expect(augmentation.views[0].view == .plain)
  }

  /// The outcome equals that of the outputs computed view by view, in other batches and threads.
  @Test(arguments: [TestTimeAugmentation.mirror, .mirrorShift])
  func outputsAreAveraged(augmentation: TestTimeAugmentation) throws {
    let run = try SmallRun()
    let trainer = try run.trainer(threads: 2)
    _ = try trainer.takeSteps(3)
    let (images, indices) = (trainer.data.images, Array(3..<20))
    var sums = [[Float]](repeating: [Float](repeating: 0, count: 10), count: images.count)
    for (view, weight) in augmentation.views {
      var pixels = [UInt8](repeating: 0, count: images.pixels.count)
      for index in 0..<images.count {
        pixels.withUnsafeMutableBufferPointer {
          images.write(index, as: view, into: $0.baseAddress! + index * images.imageCount)
        }
      }
      let changed = ImageSet(
        height: 28, width: 28, channels: 1, classes: 10, pixels: pixels, labels: images.labels)
      let executor = Executor(
        trainer.network, capacity: images.count, training: false, context: trainer.context)
      BatchLoader(
        changed, trainer.data.normalization, into: executor, task: .classification
      ).loadImages(Array(0..<images.count)[...])
      let outputs = executor.forward(count: images.count)
      for i in 0..<10 * images.count { sums[i / 10][i % 10] += weight * outputs.base[i] }
    }
    let outcome = try Evaluator(
      trainer.network, capacity: 5, testTimeAugmentation: augmentation, context: trainer.context
    ).evaluate(
      indices, of: images, normalization: trainer.data.normalization, keepingLogits: true)
    #expect(outcome.logits == indices.flatMap { sums[$0] })
    let expected = indices.map { index in
      sums[index].indices.max { (sums[index][$0], -$0) < (sums[index][$1], -$1) }
    }
    #expect(outcome.predictions == expected)
    for (place, index) in indices.enumerated() {
      let powers = sums[index].map { Double($0) }
      let greatest = powers.max() ?? 0
      var sum = 0.0
      for power in powers { sum += ExactMath.exponential(power - greatest) }
      let loss =
        ExactMath.logarithm(sum) + greatest - powers[Int(images.labels[index])]
      #expect(abs(outcome.losses[place] - loss) < 1e-5)
    }
    // The figures of the single view are those without test-time augmentation.
    let plain = try Evaluator(trainer.network, context: trainer.context).evaluate(
      indices, of: images, normalization: trainer.data.normalization)
    #expect(outcome.withoutViews.predictions == plain.predictions)
    #expect(outcome.withoutViews.losses == plain.losses)
    #expect(outcome.losses != plain.losses)
    #expect(plain.logits == nil)
  }
}
