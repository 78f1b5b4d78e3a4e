import Foundation
import TestSupport
import Testing

@testable import Checkpoints
@testable import Training

@Suite struct TrainingRunTests {
  private func start(_ folder: TemporaryFolder, _ run: SmallRun) throws -> TrainingRun {
    try TrainingRun(
      starting: run.trainer(), in: RunDirectory(creating: "\(folder.path)/run", name: "run"))
  }

  private func names(_ folder: TemporaryFolder) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/run/checkpoints"))?
      .sorted() ?? []
  }

  private func steps(_ steps: Int...) -> [String] { steps.map { CheckpointStore.name(step: $0) } }

  @Test func keepsTheLastTwoAndTheBest() throws {
    let folder = TemporaryFolder()
    let run = try start(folder, SmallRun(("epochs", "4")))
    try run.save()
    #expect(names(folder) == steps(0))
    while !run.trainer.isFinished { _ = try run.advance() }
    #expect(names(folder) == ["best.safetensors"] + steps(15, 20))
    let best = try CheckpointFile.read(run.directory.checkpoints.bestPath)
    #expect(best.metadata["step"] == run.trainer.progress.best.map { "\($0.step)" })
    #expect(!run.lastSaveFailed)
  }

  /// The log has exactly the bytes that the checkpoint records.
  @Test func aCheckpointRecordsTheMetricsBeforeIt() throws {
    let folder = TemporaryFolder()
    let run = try start(folder, SmallRun())
    for _ in 0..<7 { _ = try run.advance() }
    try run.save()
    let bytes = try #require(folder.bytes("run/metrics.jsonl"))
    #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 7 + 1)
    let newest = try run.directory.checkpoints.newest()
    #expect(newest.step == 7)
    #expect(newest.contents.metadata["metrics_length"] == "\(bytes.count)")
  }

  /// If the disk fails, the previous checkpoint stays, a warning is shown, and training continues.
  @Test func aFailedSaveDoesNotEndTheRun() throws {
    let folder = TemporaryFolder()
    let run = try start(folder, SmallRun())
    var warnings: [String] = []
    run.warning = { warnings.append($0) }
    try run.save()
    // A file is in place of the folder of checkpoints.
    let place = "\(folder.path)/run/checkpoints"
    try FileManager.default.moveItem(atPath: place, toPath: "\(folder.path)/aside")
    folder.put([1], at: "run/checkpoints")
    for _ in 0..<5 { _ = try run.advance() }
    #expect(run.lastSaveFailed)
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("the checkpoint of step 5 was not saved: ") == true)

    try FileManager.default.removeItem(atPath: place)
    try FileManager.default.moveItem(atPath: "\(folder.path)/aside", toPath: place)
    #expect(names(folder) == steps(0))
    // The checkpoint was not saved, so it is saved now, and as the best one too.
    try run.save()
    #expect(names(folder) == ["best.safetensors"] + steps(0, 5) && !run.lastSaveFailed)
    for _ in 0..<5 { _ = try run.advance() }
    #expect(run.trainer.progress.step == 10 && !run.lastSaveFailed)

    // The run ends like an undisturbed run.
    let other = TemporaryFolder()
    let undisturbed = try start(other, SmallRun())
    for _ in 0..<10 { _ = try undisturbed.advance() }
    let name = "run/checkpoints/\(CheckpointStore.name(step: 10))"
    #expect(try #require(folder.bytes(name)) == other.bytes(name))
  }

  @Test func parametersThatAreNotFiniteAreNotSaved() throws {
    for name in ["conv1.bias", "fc1.weight"] {
      let folder = TemporaryFolder()
      let run = try start(folder, SmallRun())
      for _ in 0..<2 { _ = try run.advance() }
      let parameter = try #require(run.trainer.network.parameters.first { $0.name == name })
      var values = parameter.storedValues()
      values[values.count - 1] = -.infinity
      parameter.setValues(stored: values)
      #expect(throws: NotFiniteError(.step(2), tensor: name)) { try run.save() }
      #expect(names(folder).isEmpty)
      #expect(folder.bytes("run/metrics.jsonl") == [])
    }
  }

  @Test func aResumedRunRepairsADamagedFolder() throws {
    let folder = TemporaryFolder()
    let description = try SmallRun()
    var run: TrainingRun? = try start(folder, description)
    for _ in 0..<10 { _ = try run?.advance() }
    run = nil
    let newest = "run/checkpoints/\(CheckpointStore.name(step: 10))"
    let whole = try #require(folder.bytes(newest))
    let metrics = try #require(folder.bytes("run/metrics.jsonl"))
    folder.put(Array(whole.dropLast()), at: newest)

    let directory = try RunDirectory(resuming: "\(folder.path)/run")
    let found = try directory.checkpoints.newest()
    #expect(found.step == 5 && found.warnings.count == 1)
    let trainer = try description.trainer()
    let again = try TrainingRun(
      resuming: trainer, in: directory, at: trainer.restore(found.contents))
    for _ in 0..<5 { _ = try again.advance() }
    #expect(folder.bytes(newest) == whole)
    #expect(folder.bytes("run/metrics.jsonl") == metrics)
  }
}
