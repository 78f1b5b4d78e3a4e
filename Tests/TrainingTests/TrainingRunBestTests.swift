import Foundation
import Testing

@testable import Checkpoints
@testable import Training

/// `best.safetensors` is the checkpoint of the best epoch, whatever happened since.
@Suite struct TrainingRunBestTests {
  private static let settings = ["epochs": "3", "lr": "0.001"]
  private static let best = "run/checkpoints/best.safetensors"

  /// A run whose every epoch is better than the previous one, after its first epoch.
  private func start(_ tiny: TinyTraining) throws -> TrainingRun {
    let run = try TrainingRun(
      starting: try tiny.trainer(Self.settings),
      in: try RunDirectory(creating: "\(tiny.folder.path)/run", name: "run"))
    try endEpoch(run)
    return run
  }

  private func endEpoch(_ run: TrainingRun) throws {
    while true {
      if let epoch = try run.advance().epoch {
        try #require(epoch.isBest, "the settings make every epoch the best")
        return
      }
    }
  }

  private func step(_ number: Int) -> String {
    "run/checkpoints/\(CheckpointStore.name(step: number))"
  }

  /// Resumes the run in `tiny`, which no other object may hold.
  private func resume(_ tiny: TinyTraining) throws -> TrainingRun {
    let directory = try RunDirectory(resuming: "\(tiny.folder.path)/run")
    let newest = try directory.checkpoints.newest()
    let trainer = try tiny.trainer(Self.settings, threads: 1)
    return try TrainingRun(
      resuming: trainer, in: directory, at: try trainer.restore(newest.contents))
  }

  /// The run was killed between writing the two files of its best epoch.
  @Test(arguments: [true, false])
  func aResumedRunWritesTheBestOfAKilledRun(hasAnother: Bool) throws {
    let tiny = try TinyTraining()
    var run: TrainingRun? = try start(tiny)
    let former = try #require(tiny.folder.bytes(Self.best))
    try endEpoch(try #require(run))
    run = nil
    let bytes = try #require(tiny.folder.bytes(step(14)))
    #expect(tiny.folder.bytes(Self.best) == bytes && former != bytes)
    if hasAnother {
      tiny.folder.put(former, at: Self.best)
    } else {
      try FileManager.default.removeItem(atPath: "\(tiny.folder.path)/\(Self.best)")
    }

    let resumed = try resume(tiny)
    try resumed.save()
    #expect(tiny.folder.bytes(Self.best) == bytes)
    #expect(tiny.folder.bytes(step(14)) == bytes)
    #expect(!resumed.lastSaveFailed)
  }

  /// The newest checkpoint is not the best one, so `best.safetensors` is not changed.
  @Test func aResumedRunKeepsAnotherEpochsBest() throws {
    let tiny = try TinyTraining()
    var run: TrainingRun? = try start(tiny)
    let best = try #require(tiny.folder.bytes(Self.best))
    _ = try run?.advance()
    try run?.save()
    run = nil
    let resumed = try resume(tiny)
    #expect(resumed.trainer.progress.step == 8)
    try resumed.save()
    #expect(tiny.folder.bytes(Self.best) == best)
  }

  /// The disk cannot store the best checkpoint at its epoch, but later it can.
  @Test func aBestThatWasNotSavedIsSavedLater() throws {
    let tiny = try TinyTraining()
    let run = try start(tiny)
    var warnings: [String] = []
    run.warning = { warnings.append($0) }
    // A file cannot replace a folder of its name.
    let place = "\(tiny.folder.path)/\(Self.best)"
    try FileManager.default.removeItem(atPath: place)
    try FileManager.default.createDirectory(
      atPath: place, withIntermediateDirectories: false)
    try endEpoch(run)
    #expect(run.lastSaveFailed && warnings.count == 1)
    #expect(
      warnings.first?.hasPrefix(
        "the checkpoint of step 14 was not saved: \(place): cannot be written") == true)
    let bytes = try #require(tiny.folder.bytes(step(14)))
    #expect(tiny.folder.bytes(step(0)) == nil, "old checkpoints make room all the same")

    // The best checkpoint stays as a step's until it has its own file.
    for number in 15...17 {
      _ = try run.advance()
      try run.save()
      #expect(run.lastSaveFailed && tiny.folder.bytes(step(14)) == bytes, "step \(number)")
    }
    #expect(tiny.folder.bytes(step(15)) == nil)
    warnings.removeLast(3)

    try FileManager.default.removeItem(atPath: place)
    _ = try run.advance()
    try run.save()
    #expect(!run.lastSaveFailed && warnings.count == 1)
    #expect(tiny.folder.bytes(Self.best) == bytes)
    #expect(tiny.folder.bytes(step(18)) != bytes)
  }
}
