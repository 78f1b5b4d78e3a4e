import TestSupport
import Testing

@testable import Checkpoints
@testable import Files

@Suite struct SafetensorsTests {
  /// The expected file was written by hand from the format's description.
  @Test func writesTheFormat() {
    let file = Safetensors.encode(
      tensors: [
        StoredTensor(name: "b", shape: [2], values: [1, -2]),
        StoredTensor(name: "a", shape: [], values: [0.5]),
      ], metadata: ["y": "2", "x": "1\n"])
    let header =
      #"{"__metadata__":{"x":"1\n","y":"2"},"#
      + #""a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"#
      + #""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#
    let padding = (8 - header.utf8.count % 8) % 8
    let expected: [UInt8] =
      [UInt8(header.utf8.count + padding), 0, 0, 0, 0, 0, 0, 0]
      + Array(header.utf8) + [UInt8](repeating: 0x20, count: padding)
      + [0, 0, 0, 0x3f, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]
    #expect(padding > 0)
    #expect(file == expected)
  }

  @Test func readsBackWhatItWrote() throws {
    var random = SplitMix64(seed: 3)
    for count in 0..<40 {
      var tensors: [StoredTensor] = []
      for number in 0..<count {
        let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in
          Int.random(in: 0...5, using: &random)
        }
        let values = (0..<shape.reduce(1, *)).map { _ in
          Float.random(in: -1...1, using: &random)
        }
        tensors.append(StoredTensor(name: "t\(number) é\"", shape: shape, values: values))
      }
      let metadata = count % 3 == 0 ? [:] : ["key \(count)": "{\"a\":1}\n", "": "é"]
      let file = Safetensors.encode(tensors: tensors.shuffled(using: &random), metadata: metadata)
      let read = try Safetensors.decode(file)
      #expect(
        read.tensors
          == tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
      #expect(read.metadata == metadata)
      #expect(Safetensors.encode(tensors: read.tensors, metadata: read.metadata) == file)
      #expect(file[0] % 8 == 0)
    }
  }

  @Test func keepsEveryBitOfAValue() throws {
    let patterns: [UInt32] = [
      0, 0x8000_0000, 1, 0x007f_ffff, 0x7f7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_1234,
    ]
    let values = patterns.map(Float.init(bitPattern:))
    let file = Safetensors.encode(
      tensors: [StoredTensor(name: "a", shape: [8], values: values)])
    #expect(try Safetensors.decode(file).tensors[0].values.map(\.bitPattern) == patterns)
  }

  @Test func namesTheFirstValueThatIsNotFinite() throws {
    let whole = StoredTensor(name: "a", shape: [2], values: [1, .greatestFiniteMagnitude])
    #expect(Safetensors.firstNotFinite(in: [whole]) == nil)
    for value in [Float.nan, .infinity, -.infinity, .signalingNaN] {
      let bad = StoredTensor(name: "b", shape: [3], values: [1, 2, value])
      let fault = try #require(Safetensors.firstNotFinite(in: [whole, bad, bad]))
      #expect(fault.tensor == "b" && fault.index == 2 && !fault.value.isFinite)
    }
  }

  /// The file was written by PyTorch; `scripts/make-safetensors-fixture` regenerates it.
  @Test func readsPyTorchsFile() throws {
    let path =
      String(#filePath.dropLast("SafetensorsTests.swift".count)) + "Fixtures/pytorch.safetensors"
    let file = try InputFile.read(path, limit: 1 << 16)
    let (tensors, metadata) = try Safetensors.decode(file)
    #expect(metadata == ["format": "pt"])
    #expect(
      tensors == [
        StoredTensor(name: "conv1.bias", shape: [2], values: [0.5, -0.25]),
        StoredTensor(
          name: "conv1.weight", shape: [2, 1, 2, 2], values: [0, 1, 2, 3, 4, 5, 6, 7]),
        StoredTensor(name: "empty", shape: [0, 3], values: []),
        StoredTensor(name: "fc1.weight", shape: [1, 3], values: [1e-3, -1e30, 1.0 / 3.0]),
        StoredTensor(name: "scalar", shape: [], values: [42]),
      ])
    // The content and its order are equal, so the bytes are equal too.
    #expect(Safetensors.encode(tensors: tensors, metadata: metadata) == file)
  }
}
