import Foundation
import Layers
import Tensors
import TestSupport
import Testing

@testable import Training

/// The norms and histograms of `statistics.jsonl`.
@Suite struct StatisticsLogTests {
  // MARK: The meter

  /// Values (3, 4), a gradient (6, 8) and a change of (0.5, −1.2): norms 5, 10 and 1.3.
  @Test(arguments: KernelSet.available)
  func theNormsAreThoseOfOneStep(_ set: KernelSet) throws {
    let parameter = Parameter("fc1.bias", .vector(count: 2), fanIn: 1)
    let other = Parameter("fc2.bias", .vector(count: 40_000), fanIn: 1)
    parameter.setValues(stored: [3, 4])
    let context = Context(threadCount: 2, kernelSet: set)
    let meter = UpdateMeter([parameter, other])
    meter.begin(in: context)
    parameter.gradient[0] = 6
    parameter.gradient[1] = 8
    parameter.setValues(stored: [3.5, 2.8])
    other.setValues(stored: [Float](repeating: 0.5, count: 40_000))
    let updates = meter.end(in: context)
    #expect(updates.map(\.name) == ["fc1.bias", "fc2.bias"])
    #expect(updates[0].weightNorm == 5 && updates[0].gradientNorm == 10)
    #expect(abs(updates[0].updateNorm - 1.3) < 1e-6)
    #expect(abs((updates[0].ratio ?? 0) - 0.26) < 1e-6)
    #expect(updates[0].gradient.range == 6...8)
    #expect(updates[0].gradient.counts.reduce(0, +) == 2)
    // It lies in several blocks. All its values were 0, so it has no ratio.
    #expect(updates[1].updateNorm == 100 && updates[1].ratio == nil)
    #expect(updates[1].gradient.counts.reduce(0, +) == 40_000)

    // The next step begins from the new values.
    meter.begin(in: context)
    other.freeze()
    let next = meter.end(in: context)
    #expect(next.map(\.name) == ["fc1.bias"] && next[0].updateNorm == 0)
  }

  /// The update of plain gradient descent is η·g, and its ratio η·‖g‖/‖w‖.
  @Test(arguments: [1, 2])
  func anEpochHasItsLastStep(_ threads: Int) throws {
    let run = try SmallRun(
      ("lr", "0.05"), ("sched", "constant"), ("weight-decay", "0"), ("momentum", "0"))
    let trainer = try run.trainer(threads: threads)
    var epoch: EpochReport?
    for step in 1...5 {
      let result = try trainer.advance()
      epoch = result.epoch
      #expect((epoch != nil) == (step == 5))
      #expect(result.step.gradientNorm > 0)
      if let epoch {
        let squares = epoch.parameters.reduce(0) { $0 + $1.gradientNorm * $1.gradientNorm }
        #expect(abs(squares.squareRoot() - result.step.gradientNorm) < 1e-9)
      }
    }
    let parameters = try #require(epoch?.parameters)
    #expect(parameters.map(\.name) == trainer.network.trainedParameters.map(\.name))
    #expect(parameters.last?.updateNorm ?? 0 > 0)
    for update in parameters {
      // A layer behind a dead ReLU has neither.
      #expect(abs(update.updateNorm - 0.05 * update.gradientNorm) <= 1e-3 * update.updateNorm)
    }
  }

  // MARK: The log

  private func start(_ folder: TemporaryFolder, _ run: SmallRun) throws -> TrainingRun {
    try TrainingRun(
      starting: run.trainer(), in: RunDirectory(creating: "\(folder.path)/run", name: "run"))
  }

  private func resume(_ folder: TemporaryFolder, _ run: SmallRun) throws -> TrainingRun {
    let directory = try RunDirectory(resuming: "\(folder.path)/run")
    let trainer = try run.trainer()
    let mark = try trainer.restore(directory.checkpoints.newest().contents)
    return try TrainingRun(resuming: trainer, in: directory, at: mark)
  }

  /// A run that is killed after any step and resumed leaves the same bytes as one without a stop.
  @Test func aResumedRunHasTheSameLines() throws {
    let run = try SmallRun()
    let whole = TemporaryFolder()
    do {
      let all = try start(whole, run)
      while !all.trainer.isFinished { _ = try all.advance() }
    }
    let expected = try #require(whole.bytes("run/statistics.jsonl"))
    let text = String(decoding: expected, as: UTF8.self)
    #expect(text.hasPrefix(#"{"kind":"step","step":1,"gradient_norm":"#))
    #expect(text.split(separator: "\n").count == 15 + 3)
    for stop in [0, 2, 5, 8, 15] {
      let folder = TemporaryFolder()
      do {
        let first = try start(folder, run)
        while first.trainer.progress.step < stop { _ = try first.advance() }
        try first.save()
        // More steps, whose lines are on the disk although no checkpoint has them, and half a line.
        var bytes = folder.bytes("run/statistics.jsonl") ?? []
        bytes += Array(#"{"kind":"step","step":\#(stop + 1),"gradient_norm":9.0}"#.utf8) + [10]
        bytes += Array(#"{"kind":"step","st"#.utf8)
        folder.put(bytes, at: "run/statistics.jsonl")
      }
      let second = try resume(folder, run)
      while !second.trainer.isFinished { _ = try second.advance() }
      try second.save()
      #expect(folder.bytes("run/statistics.jsonl") == expected, "stopped after \(stop)")
      #expect(second.gradientNorms.keys.sorted() == [1, 2, 3])
    }
  }

  /// The mean over the epoch's steps, and a history that equals what was recorded.
  @Test func theHistoryIsReadBack() throws {
    let folder = TemporaryFolder()
    let run = try start(folder, SmallRun())
    var (norms, reports): ([Double], [EpochReport]) = ([], [])
    while !run.trainer.isFinished {
      let (step, epoch) = try run.advance()
      norms.append(step.gradientNorm)
      if let epoch {
        reports.append(epoch)
        run.record(
          [.init(name: "relu1", channels: 2, dead: 1, zeros: 0.75)], epoch: epoch.epoch, images: 5)
      }
    }
    _ = try run.save()
    let bytes = try #require(folder.bytes("run/statistics.jsonl"))
    let epochs = StatisticsHistory.epochs(in: bytes)
    #expect(epochs.map(\.epoch) == [1, 2, 3] && epochs.map(\.step) == [5, 10, 15])
    #expect(epochs.map(\.parameters) == reports.map(\.parameters))
    #expect(epochs[1].gradientNorm == norms[5..<10].reduce(0, +) / 5)
    #expect(run.gradientNorms[2] == epochs[1].gradientNorm)
  }

  /// A run of an earlier version has no such file; what it recorded of ReLUs is found by its step.
  @Test func theFileMayBeMissing() throws {
    let folder = TemporaryFolder()
    do {
      let first = try start(folder, SmallRun())
      for _ in 0..<5 { _ = try first.advance() }
    }
    try FileManager.default.removeItem(atPath: "\(folder.path)/run/statistics.jsonl")
    do {
      let second = try resume(folder, SmallRun())
      for _ in 0..<5 { _ = try second.advance() }
    }
    let bytes = try #require(folder.bytes("run/statistics.jsonl"))
    #expect(StatisticsHistory.epochs(in: bytes).map(\.epoch) == [2])
    // An empty file is one without lines; a folder in its place is told.
    folder.put([], at: "run/statistics.jsonl")
    do { _ = try resume(folder, SmallRun()) }
    try FileManager.default.removeItem(atPath: "\(folder.path)/run/statistics.jsonl")
    try folder.makeFolder("run/statistics.jsonl")
    #expect(
      throws: MetricsLogError.notRegular(path: "\(folder.path)/run/statistics.jsonl")
    ) { _ = try resume(folder, SmallRun()) }
    try FileManager.default.removeItem(atPath: "\(folder.path)/run/statistics.jsonl")
    try folder.link("run/statistics.jsonl", to: "nowhere")
    #expect(
      throws: MetricsLogError.notInput(
        path: "\(folder.path)/run/statistics.jsonl", .danglingLink)
    ) { _ = try resume(folder, SmallRun()) }
  }

  @Test func linesOfOtherKindsAreLeftOut() {
    let bytes = Array(
      """
      {"kind":"step","step":1,"gradient_norm":1.0}
      {"kind":"relus","epoch":1,"step":2,"images":7,"layers":[{"name":"relu1","channels":4,"dead":1,"zeros":0.5}]}
      {"kind":"epoch","epoch":1,"step":2,"gradient_norm":2.0,"parameters":[{"name":"x"},{"name":"y","weight_norm":1,"gradient_norm":1,"update_norm":1,"gradient_range":[0,1],"gradient_counts":[0.5]}]}
      {"kind":"epoch","epoch":2
      not JSON

      """.utf8)
    #expect(
      StatisticsHistory.rectifiers(in: bytes) == [
        .init(
          epoch: 1, images: 7, layers: [.init(name: "relu1", channels: 4, dead: 1, zeros: 0.5)])
      ])
    #expect(StatisticsHistory.epochs(in: bytes).map(\.parameters) == [[]])
    #expect(StatisticsHistory.prefix(of: bytes, through: 1).count == 45)
    #expect(StatisticsHistory.prefix(of: bytes, through: 0).isEmpty)
    #expect(
      TimingHistory.imagesPerSecond(
        in: Array(
          """
          {"epoch":1,"step":3,"images_per_second":10.0}
          {"epoch":1,"step":3,"images_per_second":12.5}
          {"epoch":2

          """.utf8)) == [1: 12.5])
  }
}
