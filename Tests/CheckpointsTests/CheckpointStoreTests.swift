import TestSupport
import Testing

@testable import Checkpoints

@Suite struct CheckpointStoreTests {
  let folder = TemporaryFolder()
  var store: CheckpointStore { CheckpointStore(directory: folder.path + "/checkpoints") }

  @Test func theNewestWins() throws {
    try store.prepare()
    for step in [5, 938, 40] { try store.save(SampleCheckpoint.bytes(step: step), step: step) }
    try store.saveBest(SampleCheckpoint.bytes(step: 40))
    #expect(try store.steps() == [5, 40, 938])
    let newest = try store.newest()
    #expect(newest.step == 938)
    #expect(newest.warnings == [])
    #expect(newest.path == store.directory + "/step-0000000938.safetensors")
    #expect(newest.contents.metadata == SampleCheckpoint.metadata(step: 938))
    #expect(newest.contents.tensors == SampleCheckpoint.tensors().sorted { $0.name < $1.name })
    #expect(try CheckpointFile.read(store.bestPath).metadata["step"] == "40")
  }

  @Test func damagedOnesArePassedOver() throws {
    try store.prepare()
    for step in [10, 20, 30, 40] {
      try store.save(SampleCheckpoint.bytes(step: step), step: step)
    }
    folder.put([], at: "checkpoints/step-0000000040.safetensors")
    folder.put(SampleCheckpoint.bytes(step: 10), at: "checkpoints/step-0000000030.safetensors")
    let newest = try store.newest()
    #expect(newest.step == 20)
    #expect(
      newest.warnings == [
        "\(store.directory)/step-0000000040.safetensors: the file is empty."
          + " Taking step-0000000020.safetensors instead.",
        "\(store.directory)/step-0000000030.safetensors: holds another step than its name says"
          + " (found \"10\", expected 30). Taking step-0000000020.safetensors instead.",
      ])
  }

  @Test func aDamagedOneIsReplaced() throws {
    try store.prepare()
    let bytes = SampleCheckpoint.bytes(step: 10)
    folder.put(Array(bytes.dropLast()), at: "checkpoints/step-0000000010.safetensors")
    try store.save(bytes, step: 10)
    #expect(folder.bytes("checkpoints/step-0000000010.safetensors") == bytes)
  }

  @Test func aWholeOneIsNeverChanged() throws {
    try store.prepare()
    let bytes = SampleCheckpoint.bytes(step: 10)
    try store.save(bytes, step: 10)
    try store.save(bytes, step: 10)
    #expect(throws: CheckpointStoreError.differs(path: store.path(step: 10))) {
      try store.save(SampleCheckpoint.bytes(step: 10, scale: 2), step: 10)
    }
    #expect(folder.bytes("checkpoints/step-0000000010.safetensors") == bytes)
  }

  @Test func tellsWhenThereIsNone() throws {
    let directory = store.directory
    #expect(
      message { () throws(CheckpointStoreError) in try store.newest() }
        == "\(directory): cannot be listed (No such file or directory). Check the run directory.")
    try store.prepare()
    try store.saveBest(SampleCheckpoint.bytes(step: 1))
    #expect(
      message { () throws(CheckpointStoreError) in try store.newest() }
        == "\(directory): no checkpoint (found no file step-….safetensors). Check the run directory."
    )
    folder.put([1], at: "checkpoints/step-0000000001.safetensors")
    folder.put([1, 2], at: "checkpoints/step-0000000002.safetensors")
    #expect(
      message { () throws(CheckpointStoreError) in try store.newest() }
        == "\(directory): no usable checkpoint (found 2 damaged, the newest: "
        + "\(directory)/step-0000000002.safetensors: too short for a safetensors file"
        + " (found 2 bytes, expected at least 8)). Use a copy of one of them.")
  }

  private func message(_ body: () throws(CheckpointStoreError) -> NewestCheckpoint) -> String? {
    do throws(CheckpointStoreError) {
      _ = try body()
      return nil
    } catch { return error.description }
  }

  @Test func foreignFilesAreLeftAlone() throws {
    try store.prepare()
    let foreign = [
      "step-1.safetensors", "step-00000000010.safetensors", "step--000000001.safetensors",
      "step-+000000001.safetensors", "step-000000000x.safetensors", "Step-0000000001.safetensors",
      "step-0000000001.safetensors.bak", "step-0000000001.safetensor", "notes.txt", ".hidden",
      "step-000000000\u{661}.safetensors", "step-0000000001 safetensors",
    ]
    for name in foreign { folder.put([1], at: "checkpoints/" + name) }
    #expect(try store.steps() == [])
    for step in 1...4 { try store.save(SampleCheckpoint.bytes(step: step), step: step) }
    try store.prepare()
    #expect(try store.prune(after: 4) == [1, 2])
    #expect(try store.newest().step == 4)
    for name in foreign { #expect(folder.bytes("checkpoints/" + name) == [1]) }
  }

  @Test func prepareRemovesWhatKilledRunsLeft() throws {
    try store.prepare()
    try store.save(SampleCheckpoint.bytes(step: 1), step: 1)
    folder.put([1, 2], at: "checkpoints/.partial-123-0")
    // Reading does not remove temporary files, because a running process may be writing them.
    _ = try store.newest()
    #expect(folder.bytes("checkpoints/.partial-123-0") == [1, 2])
    try store.prepare()
    #expect(folder.bytes("checkpoints/.partial-123-0") == nil)
    #expect(try store.newest().step == 1)
  }

  @Test func prunesOnlyAfterTheNewOneIsThere() throws {
    try store.prepare()
    for step in [10, 20, 30, 40] {
      try store.save(SampleCheckpoint.bytes(step: step), step: step)
    }
    #expect(try store.prune(after: 50) == [])
    #expect(try store.steps() == [10, 20, 30, 40])
    // 40 is later than the run's step: it was skipped as damaged and does not count.
    #expect(try store.prune(after: 30, keep: 2) == [10])
    #expect(try store.prune(after: 40, keep: 1, every: 20) == [30])
    #expect(try store.steps() == [20, 40])
  }

  static let retentions: [([Int], Int, Int?, [Int], [Int])] = [
    ([], 2, nil, [], []),
    ([7], 2, nil, [7], []),
    ([7, 9], 2, nil, [7, 9], []),
    ([1, 2, 3], 2, nil, [2, 3], [1]),
    ([3, 1, 2, 3], 2, nil, [2, 3], [1]),
    ([1, 2, 3], 1, nil, [3], [1, 2]),
    ([1, 2, 3], 9, nil, [1, 2, 3], []),
    ([0, 5, 10, 15, 20, 25, 30], 2, 10, [0, 10, 20, 25, 30], [5, 15]),
    ([1, 2, 3, 4], 2, 1, [1, 2, 3, 4], []),
    ([9, 10, 100], 1, 100, [100], [9, 10]),
  ]

  @Test(arguments: 0..<retentions.count)
  func retentionKeepsTheLastAndMultiples(index: Int) {
    let (steps, keep, every, save, delete) = Self.retentions[index]
    let result = CheckpointStore.retention(steps: steps, keep: keep, every: every)
    #expect(result.save == save)
    #expect(result.delete == delete)
  }

  @Test func namesAndStepsAreOneToOne() {
    for step in [0, 1, 938, 9_999_999_999] {
      let name = CheckpointStore.name(step: step)
      #expect(name.utf8.count == 27)
      #expect(CheckpointStore.step(ofName: name) == step)
    }
    #expect(CheckpointStore.name(step: 938) == "step-0000000938.safetensors")
  }
}
