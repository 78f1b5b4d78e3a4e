import Testing

@testable import Training

/// Steps follow the mean gradient, and training converges.
@Suite struct TrainerLearningTests {
  /// The loss and accuracy of the first step are those of the network before the step.
  @Test func aStepReportsTheLossBeforeIt() throws {
    let trainer = try TinyTraining().trainer([
      "val-split": "0", "shuffle": "false", "arch": "conv(2,3) relu pool(4) fc(classes)",
    ])
    let before = try trainer.meanLoss(Array(0..<8))
    let (step, _) = try trainer.advance()
    #expect(abs(step.loss - before) < 1e-6)
    #expect(try trainer.meanLoss(Array(0..<8)) < before)
  }

  /// θ −= learning rate·(1/N)·Σ ∂L/∂θ, with the gradient by central differences. N is the number of
  /// examples of the step, also for the last step of an epoch and with micro-batches.
  @Test(arguments: [("20", "1"), ("7", "3"), ("60", "1")])
  func stepsDownTheMeanGradient(_ size: String, _ parts: String) throws {
    let tiny = try TinyTraining(examples: 32)
    let settings = [
      "val-split": "0", "shuffle": "false", "momentum": "0", "lr": "0.5", "batch-size": size,
      "accumulate": parts,
    ]
    let trainer = try tiny.trainer(settings)
    let probe = try tiny.trainer(settings)
    var first = 0
    while first < 32 {
      let before = trainer.values
      let count = try trainer.advance().step.examples
      #expect(count == min(trainer.stepSize, 32 - first))
      let indices = Array(first..<first + count)
      for (name, elements) in [("fc1.weight", [0, 391, 5000, 7839]), ("fc1.bias", [0, 9])] {
        for element in elements {
          let slope = try derivative(probe, indices, at: before, by: name, element)
          let change = trainer.values[name]![element] - before[name]![element]
          #expect(abs(Double(change) + 0.5 * slope) < 2e-5, "\(name)[\(element)] of \(count)")
        }
      }
      first += count
    }
  }

  /// The central difference of the mean loss with respect to one element of a parameter, at
  /// `values`.
  private func derivative(
    _ probe: Trainer, _ indices: [Int], at values: [String: [Float]], by name: String,
    _ element: Int
  ) throws -> Double {
    let width: Float = 1.0 / 256
    let losses = try [width, -width].map { shift in
      for parameter in probe.network.parameters {
        var stored = values[parameter.name]!
        if parameter.name == name { stored[element] += shift }
        parameter.setValues(stored: stored)
      }
      return try probe.meanLoss(indices)
    }
    return (losses[0] - losses[1]) / Double(2 * width)
  }

  /// Weight decay adds λ·θ to the gradients of the selected parameters and changes no others.
  @Test func decayPullsTheChosenParameters() throws {
    let tiny = try TinyTraining()
    let settings = [
      "arch": "fc(4) relu fc(classes)", "momentum": "0", "lr": "0.25",
      "weight-decay-on": "fc1.weight",
    ]
    let free = try tiny.trainer(settings)
    let decaying = try tiny.trainer(settings.merging(["weight-decay": "0.5"]) { $1 })
    let before = free.values
    _ = try free.advance()
    _ = try decaying.advance()
    for (name, start) in before {
      for (index, value) in start.enumerated() {
        let pull = name == "fc1.weight" ? 0.25 * 0.5 * value : 0
        let found = free.values[name]![index] - decaying.values[name]![index]
        #expect(abs(found - pull) < 1e-7, "\(name)[\(index)]")
        if name != "fc1.weight" { #expect(found == 0) }
      }
    }
  }

  @Test func learnsEasyDigits() throws {
    let trainer = try TinyTraining().trainer([
      "arch": "conv(4,5) relu pool(4) fc(classes)", "epochs": "12",
    ])
    let start = try trainer.meanLoss(trainer.data.validation)
    while !trainer.isFinished { _ = try trainer.advance() }
    #expect(trainer.progress.best?.accuracy == 1)
    #expect(try trainer.meanLoss(trainer.data.validation) < start / 10)
  }

  @Test func theBestEpochIsRemembered() throws {
    // The learning rate is too high, so the accuracy oscillates.
    let trainer = try TinyTraining().trainer(["epochs": "12", "lr": "0.3", "momentum": "0.9"])
    var epochs: [EpochReport] = []
    while !trainer.isFinished {
      if let epoch = try trainer.advance().epoch { epochs.append(epoch) }
    }
    func isBetter(_ a: EpochReport, _ b: EpochReport) throws -> Bool {
      let (left, right) = (try #require(a.validationAccuracy), try #require(b.validationAccuracy))
      if left != right { return left > right }
      return try #require(a.validationLoss) < #require(b.validationLoss)
    }
    for (index, epoch) in epochs.enumerated() {
      let isBest = try epochs[..<index].allSatisfy { try isBetter(epoch, $0) }
      #expect(epoch.isBest == isBest, "epoch \(epoch.epoch)")
    }
    #expect(trainer.progress.best?.step == epochs.last { $0.isBest }?.step)
    #expect(epochs.contains { !$0.isBest }, "every epoch was the best: this shows nothing")
  }
}
