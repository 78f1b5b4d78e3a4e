import Checkpoints
import TestSupport
import Testing

@Suite struct TensorStatisticsTests {
  @Test func figuresOfFiniteValues() {
    let figures = TensorStatistics(of: [1, -3, 0, 2])
    #expect(figures.count == 4)
    #expect(figures.minimum == -3 && figures.maximum == 2)
    #expect(figures.mean == 0)
    #expect(figures.std == (14.0 / 4).squareRoot())
    #expect(figures.norm == 14.0.squareRoot())
    #expect(figures.zeroShare == 0.25)
    #expect(figures.notFiniteCount == 0 && figures.firstNotFinite == nil)
  }

  @Test func valuesThatAreNotFiniteAreCountedAndLeftOut() {
    let figures = TensorStatistics(of: [2, .nan, .infinity, 4, -.infinity])
    #expect(figures.nanCount == 1 && figures.infiniteCount == 2)
    #expect(figures.firstNotFinite?.index == 1)
    #expect(figures.mean == 3 && figures.std == 1 && figures.minimum == 2)
    let none = TensorStatistics(of: [.nan])
    #expect(none.mean == nil && none.minimum == nil && none.norm == nil)
    #expect(TensorStatistics(of: []).count == 0)
  }

  @Test func differencesOfTensors() {
    let difference = TensorDifference([1, 2, 100, -0.0], [1, 2.5, 101, 0])
    #expect(difference.count == 3)
    #expect(difference.absolute == 1 && difference.absoluteIndex == 2)
    #expect(difference.relative == 0.2 && difference.relativeIndex == 1)
    #expect(TensorDifference([.nan], [.nan]).count == 0)
    #expect(TensorDifference([.nan], [1]).absolute == .infinity)
  }

  @Test func filesAreInspectedAndCompared() throws {
    let folder = try TemporaryFolder()
    func write(_ name: String, _ tensors: [StoredTensor]) throws -> InspectedFile {
      let path = "\(folder.path)/\(name)"
      try folder.write(
        Safetensors.encode(tensors: tensors, metadata: ["made": "by hand"]), to: name)
      return try InspectedFile(path)
    }
    let first = try write(
      "a",
      [
        StoredTensor(name: "x", shape: [2], values: [1, 2]),
        StoredTensor(name: "y", shape: [1], values: [.nan]),
        StoredTensor(name: "z", shape: [1], values: [0]),
      ])
    #expect(first.format == nil && first.problem == nil)
    #expect(first.metadata == ["made": "by hand"])
    #expect(first.notFinite.map(\.name) == ["y"])
    let second = try write(
      "b",
      [
        StoredTensor(name: "w", shape: [1], values: [0]),
        StoredTensor(name: "x", shape: [2], values: [1, 3]),
        StoredTensor(name: "y", shape: [1], values: [.nan]),
        StoredTensor(name: "z", shape: [2], values: [0, 0]),
      ])
    let difference = FileDifference(first, second)
    #expect(difference.onlyFirst == [] && difference.onlySecond == ["w"])
    #expect(difference.changed.map(\.name) == ["x"])
    let misshapen = try #require(difference.misshapen.first)
    #expect(difference.misshapen.count == 1 && misshapen.name == "z")
    #expect(misshapen.first == [1] && misshapen.second == [2])
    #expect(difference.equalCount == 1 && !difference.isEmpty)
    #expect(FileDifference(first, first).isEmpty)
  }

  /// A checkpoint with a value that is not finite is refused by training, and can be inspected.
  @Test func aDamagedCheckpointIsInspected() throws {
    let folder = try TemporaryFolder()
    let bytes = try CheckpointFile.encode(
      tensors: [StoredTensor(name: "x", shape: [2], values: [1, 2])], metadata: ["step": "7"])
    try folder.write(bytes, to: "good")
    let good = try InspectedFile("\(folder.path)/good")
    #expect(good.format == "1" && good.problem == nil && good.metadata == ["step": "7"])
    var changed = bytes
    changed.replaceSubrange(changed.count - 4..<changed.count, with: [0, 0, 0xC0, 0x7F])
    try folder.write(changed, to: "bad")
    let bad = try InspectedFile("\(folder.path)/bad")
    #expect(bad.problem != nil)
    #expect(bad.notFinite.map(\.name) == ["x"])
    #expect(throws: CheckpointError.self) { try InspectedFile("\(folder.path)/none") }
  }
}
