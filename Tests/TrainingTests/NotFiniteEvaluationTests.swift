import Foundation
import TestSupport
import Testing

@testable import Checkpoints
@testable import Training

/// A value that is not finite in validation or test ends a run: it predicts no class and is never
/// the best.
@Suite struct NotFiniteEvaluationTests {
  /// −∞ for a wrong class has a finite cross-entropy; NaN would be predicted as class 0.
  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func anOutputThatIsNotFiniteIsNoPrediction(_ value: Float) throws {
    let trainer = try SmallRun(("arch", "fc(classes)")).trainer()
    let bias = trainer.network.parameters[1]
    bias.setValues(stored: (0..<10).map { $0 == 4 ? value : 0 })
    let evaluator = Evaluator(trainer.network, capacity: 2, context: trainer.context)
    #expect(throws: NotFiniteError(.test(afterStep: 3), tensor: "an output for image 7")) {
      try evaluator.evaluate(
        [7, 8, 9], of: trainer.data.images, normalization: trainer.data.normalization,
        stage: .test(afterStep: 3))
    }
  }

  @Test func onlyTheImageThatOverflowsIsNamed() throws {
    let trainer = try SmallRun(("arch", "fc(classes)"), ("mean", "0"), ("std", "1")).trainer()
    let (weight, bias) = (trainer.network.parameters[0], trainer.network.parameters[1])
    // Only one weight is not zero: it multiplies the last pixel of each image for class 2.
    var weights = [Float](repeating: 0, count: weight.layout.count)
    weights[3 * 784 - 1] = .greatestFiniteMagnitude
    weight.setValues(stored: weights)
    bias.setValues(stored: (0..<10).map { $0 == 2 ? .greatestFiniteMagnitude : 0 })
    let images = trainer.data.images
    let last = (0..<images.count).map { images.pixels[$0 * 784 + 783] }
    let bright = try #require(last.firstIndex { $0 > 128 })
    #expect(throws: NotFiniteError(.evaluation, tensor: "an output for image \(bright)")) {
      try Evaluator(trainer.network, context: trainer.context).evaluate(
        [bright], of: images, normalization: trainer.data.normalization)
    }
  }

  @Test func theMessageTellsWhereAndWhatToDo() {
    #expect(
      NotFiniteError(.validation(afterStep: 10), tensor: "the loss of image 3").description
        == "validation after step 10: the loss of image 3 is not finite. "
        + "Try a smaller --lr; the last checkpoint is intact.")
    #expect(
      NotFiniteError(.evaluation, tensor: "an output for image 3").description
        == "evaluation: an output for image 3 is not finite. "
        + "Take an earlier checkpoint, or other images.")
  }

  /// Sets averages that overflow in evaluation and are not used in training.
  private func spoil(_ trainer: Trainer) throws {
    let mean = try #require(trainer.network.parameters.first { $0.name == "bn1.running_mean" })
    mean.setValues(stored: mean.storedValues().map { _ in -.greatestFiniteMagnitude })
    let scale = try #require(trainer.network.parameters.first { $0.name == "bn1.running_var" })
    scale.setValues(stored: scale.storedValues().map { _ in 0 })
  }

  @Test func aFailedValidationEndsTheRunAndLeavesItsCheckpoint() throws {
    let folder = TemporaryFolder()
    let description = try SmallRun(("arch", "conv(2,3,bias=no) bn(momentum=0) pool(4) fc(classes)"))
    var run: TrainingRun? = try TrainingRun(
      starting: description.trainer(),
      in: RunDirectory(creating: "\(folder.path)/run", name: "run"))
    let trainer = try #require(run?.trainer)
    for _ in 0..<5 { _ = try run?.advance() }
    let names = [CheckpointStore.name(step: 5), "best.safetensors"]
    let saved = names.map { folder.bytes("run/checkpoints/\($0)") }
    #expect(saved.allSatisfy { $0 != nil })
    for _ in 0..<4 { _ = try run?.advance() }
    try spoil(trainer)

    var errors: [NotFiniteError] = []
    do { _ = try run?.advance() } catch { errors.append(error as! NotFiniteError) }
    #expect(errors.map(\.stage) == [.validation(afterStep: 10)])
    #expect(trainer.progress.best?.step == 5)
    // Nothing can be saved or computed after the error.
    let error = try #require(errors.first)
    #expect(throws: error) { try run?.save() }
    #expect(throws: error) { try run?.advance() }
    #expect(names.map { folder.bytes("run/checkpoints/\($0)") } == saved)
    let files = try FileManager.default.contentsOfDirectory(
      atPath: "\(folder.path)/run/checkpoints")
    #expect(files.sorted() == names.sorted())
    run = nil

    // The run resumes from there, and ends like an undisturbed run.
    let directory = try RunDirectory(resuming: "\(folder.path)/run")
    let again = try description.trainer()
    let resumed = try TrainingRun(
      resuming: again, in: directory, at: again.restore(directory.checkpoints.newest().contents))
    while !again.isFinished { _ = try resumed.advance() }
    let undisturbed = try description.trainer()
    _ = try undisturbed.takeSteps(15)
    #expect(again.state == undisturbed.state && again.progress == undisturbed.progress)
  }
}
