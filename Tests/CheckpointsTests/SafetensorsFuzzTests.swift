import TestSupport
import Testing

@testable import Checkpoints

@Suite struct SafetensorsFuzzTests {
  @Test func mutatedFilesNeverTrap() throws {
    let file = Safetensors.encode(
      tensors: [
        StoredTensor(name: "conv1.weight", shape: [2, 1, 1, 2], values: [1, 2, 3, 4]),
        StoredTensor(name: "empty", shape: [0], values: []),
        StoredTensor(name: "fc1.bias", shape: [], values: [5]),
      ], metadata: ["a": "b", "format": "1"])
    let words = [
      "{", "}", "[", "]", "\"", ",", ":", "-1", "1e3", "9007199254740993", "null", "F16", "0,0",
      "\"shape\":[1],", "\"__metadata__\":{},", "    ", "\u{0}\u{0}", "é",
    ]
    var random = SplitMix64(seed: 4)
    var accepted = 0
    for _ in 0..<25_000 {
      let bytes = random.mutation(of: file, words: words)
      guard let (tensors, metadata) = try? Safetensors.decode(bytes) else { continue }
      accepted += 1
      // An accepted file has all its elements, and writing and reading it again changes nothing.
      #expect(
        8 + Int(bytes[0]) + Int(bytes[1]) * 256 + 4 * tensors.reduce(0) { $0 + $1.values.count }
          == bytes.count)
      let again = try Safetensors.decode(Safetensors.encode(tensors: tensors, metadata: metadata))
      #expect(again.metadata == metadata)
      #expect(again.tensors.count == tensors.count)
    }
    #expect(accepted > 100 && accepted < 20_000)
  }
}
