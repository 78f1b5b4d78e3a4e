import Layers
import Networks
import Tensors
import Testing

@testable import Checkpoints
@testable import Training

/// Runs with averages, early stopping and schedules of groups: checkpoints, resuming and threads.
@Suite struct AverageResumeTests {
  static let settings: [[(key: String, value: String)]] = [
    [("lookahead", "every=2,decay=0.5")],
    [("lookahead", "every=3,decay=0.9,power=2,from=1.4")],
    [("ema", "0.9")], [("swa", "2")],
    [("lookahead", "every=2,decay=0.5"), ("ema", "0.8"), ("patience", "2")],
    [("warmup", "1"), ("sched", "one-cycle"), ("swa", "1")],
    [("proxy", "conv(2,5) bn pool(4) dropout(0.2) fc(classes)"), ("hardest", "keep=3,every=2")],
  ]

  private func run(_ settings: [(key: String, value: String)]) throws -> SmallRun {
    var run = try SmallRun(("arch", "conv(2,3) bn pool(4) relu fc(classes)"))
    for (key, value) in settings { try run.configuration.set(key, to: value) }
    return run
  }

  private func bytes(_ trainer: Trainer) throws -> [UInt8] {
    let checkpoint = trainer.checkpoint(metrics: .empty)
    return try CheckpointFile.encode(
      tensors: checkpoint.tensors, metadata: checkpoint.metadata)
  }

  /// Stopped after each of the steps, resumed on other threads: equal checkpoints at every later
  /// epoch's end. A checkpoint changes nothing in the run that writes it.
  @Test(arguments: 0..<7) func resumesToTheBit(_ number: Int) throws {
    let run = try run(Self.settings[number])
    let whole = try run.trainer()
    var ends: [[UInt8]] = []
    var reports: [StepReport] = []
    while !whole.isFinished {
      reports.append(try whole.advance().step)
      if reports.count % 5 == 0 { ends.append(try bytes(whole)) }
    }
    let silent = try run.trainer(threads: 2)
    while !silent.isFinished { _ = try silent.advance() }
    #expect(try bytes(silent) == ends.last)

    for stop in 0...reports.count {
      let first = try run.trainer()
      _ = try first.takeSteps(stop)
      let second = try run.trainer(threads: 3)
      _ = try second.restore(CheckpointFile.decode(bytes(first), path: ""))
      #expect(try bytes(second) == bytes(first), "stopped at \(stop)")
      for step in stop..<reports.count {
        #expect(try second.advance().step == reports[step], "stopped at \(stop), step \(step)")
        if (step + 1) % 5 == 0 {
          #expect(try bytes(second) == ends[step / 5], "stopped at \(stop), step \(step)")
        }
      }
      #expect(second.isFinished)
    }
  }

  /// With a shown average, training itself is that of a run without one.
  @Test(arguments: [("ema", "0.9"), ("swa", "2")])
  func anAverageDoesNotChangeTheTraining(_ setting: (String, String)) throws {
    let plain = try run([]).trainer()
    let averaged = try run([setting]).trainer()
    #expect(try plain.takeSteps(15).map(\.loss) == averaged.takeSteps(15).map(\.loss))
    let tensors = averaged.checkpoint(metrics: .empty).tensors
    for tensor in plain.checkpoint(metrics: .empty).tensors where !tensor.name.contains("optim") {
      let trained = tensors.first { $0.name == "optim.\(tensor.name).trained" }
      #expect(trained?.values == tensor.values, "\(tensor.name)")
      let average = tensors.first { $0.name == tensor.name }
      #expect(average?.values != tensor.values, "\(tensor.name)")
    }
    #expect(averaged.progress.best != plain.progress.best)
  }

  /// The network holds the average when a run has ended, and when an epoch has.
  @Test func theNetworkHoldsTheAverageAtTheEnd() throws {
    var small = try run([("swa", "1")])
    try small.configuration.set("epochs", to: "2.4")
    let trainer = try small.trainer()
    var ends: [[[Float]]] = []
    let slot = { trainer.averages.slots.map { $0.parameter.stored($0.memory) } }
    while !trainer.isFinished {
      let report = try trainer.advance()
      // Shown: the slots hold the trained parameters.
      if report.epoch != nil { ends.append(slot()) }
    }
    #expect(ends.count == 2 && trainer.progress.step == 12)
    for (index, parameter) in trainer.network.parameters.enumerated() {
      for (place, value) in parameter.storedValues().enumerated() {
        let mean = (ends[0][index][place] + ends[1][index][place]) / 2
        #expect(abs(value - mean) <= 1e-6 * max(1, abs(mean)))
      }
    }
  }

  @Test func aRunStopsWithoutABetterValidation() throws {
    // At a learning rate of 0 nothing improves after the first epoch.
    var small = try run(
      [("arch", "conv(2,3) pool(4) relu fc(classes)"), ("patience", "2"), ("lr", "0")])
    small.configuration.epochs = 9
    let trainer = try small.trainer()
    while !trainer.isFinished { _ = try trainer.advance() }
    #expect(trainer.progress.step == 15 && trainer.stopsEarly)
    #expect(trainer.progress.best?.step == 5)
    // With more patience the run goes on.
    small.configuration.patience = 4
    let patient = try small.trainer()
    _ = try patient.restore(trainer.checkpoint(metrics: .empty))
    #expect(!patient.isFinished)
    while !patient.isFinished { _ = try patient.advance() }
    #expect(patient.progress.step == 25)
  }

  @Test(
    arguments: [
      ([("warmup", "3")], "warmup"), ([("warmup", "15steps")], "warmup"),
      ([("lookahead", "every=16,decay=0.5")], "lookahead"),
      ([("lookahead", "every=5,decay=0.5,from=2.2")], "lookahead"),
      ([("ema", "0.5"), ("swa", "1")], "swa"),
      ([("patience", "1"), ("val-split", "0")], "patience"),
      ([("keep", "best"), ("val-split", "0")], "keep"),
      ([("sched", "plateau"), ("val-split", "0")], "sched"),
    ] as [([(key: String, value: String)], String)])
  func contradictionsAreRefused(_ settings: [(key: String, value: String)], _ key: String) throws {
    let error = #expect(throws: SettingError.self) { try run(settings).trainer() }
    #expect(error?.key == key)
  }
}

/// Learning rates of parameter groups.
@Suite struct GroupScheduleTests {
  private func rate(
    _ hyperparameters: Hyperparameters, step: Int, learningRate: Float = 0.5
  ) -> Float {
    OptimizerStep(
      number: step + 1, learningRate: learningRate, base: 2,
      point: SchedulePoint(step: step, stepsPerEpoch: 10, totalSteps: 80)
    ).learningRate(of: hyperparameters)
  }

  @Test func aGroupFollowsItsOwnSchedule() throws {
    let plain = Hyperparameters(learningRateFactor: 3)
    #expect(rate(plain, step: 7) == 1.5)
    let own = Hyperparameters(learningRateFactor: 3, schedule: Schedule("linear(until=3)"))
    #expect(rate(own, step: 0) == 6 && rate(own, step: 15) == 3)
    #expect(rate(own, step: 30) == 0 && rate(own, step: 79) == 0)
    let brief = Hyperparameters(schedule: Schedule("linear(until=0.2)"))
    #expect(rate(brief, step: 1) == 1 && rate(brief, step: 2) == 0)
  }

  @Test func groupsPassTheirScheduleOn() throws {
    let schedule = try #require(Schedule("linear(until=2steps)"))
    let network = try Architecture("conv(2,3) fc(classes)").network(
      input: [1, 8, 8, 1], classes: 3)
    let parameters = OptimizedParameters(
      network,
      groups: [
        ParameterGroup(.all, schedule: .constant), ParameterGroup(.kind(.bias), schedule: schedule),
        ParameterGroup(.named("conv*.bias"), momentum: 0),
      ])
    let entry = try #require(parameters.entries.first { $0.parameter.name == "conv1.bias" })
    #expect(entry.hyperparameters == Hyperparameters(schedule: schedule))
    let optimizer = SGD(parameters)
    entry.parameter.setValues(stored: [8, 8])
    for step in 0..<4 {
      entry.parameter.set(entry.parameter.gradient, stored: [1, 1])
      optimizer.update(
        OptimizerStep(
          number: step + 1, learningRate: 100, base: 2,
          point: SchedulePoint(step: step, stepsPerEpoch: 1, totalSteps: 4)),
        in: Context(threadCount: 1))
    }
    // 8 − 2 − 1, whatever the run's own learning rate.
    #expect(entry.parameter.storedValues() == [5, 5])
  }
}
