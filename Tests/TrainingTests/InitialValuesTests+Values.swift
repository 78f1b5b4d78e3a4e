import Checkpoints
import Files
import Layers
import Networks
import Tensors
import TestSupport
import Testing

@testable import Training

extension InitialValuesTests {
  @Test func valuesMustBeFinite() throws {
    let network = try network("fc(classes)", input: [1, 1, 2, 1], classes: 1)
    // The head's new weights in half precision: 1 and infinity.
    let header =
      #"{"fc1.bias":{"dtype":"F16","shape":[1],"data_offsets":[4,6]},"#
      + #""fc1.weight":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}"#
    func file(_ second: UInt8) throws -> String {
      try folder.write(
        [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
          + [0x00, 0x3c, 0x00, second, 0x00, 0x40], to: "half.safetensors")
    }
    #expect(
      failure(try file(0x7c), network)
        == "tensor \"fc1.weight\": element 1 is no finite number (found inf)")
    #expect(try InitialValues.load(file(0xc0), into: network) == [])
    #expect(values(network) == [[1, -2], [2]])
  }

  /// Another program changed the values of a checkpoint and kept its checksum.
  @Test func aWrongChecksumIsTold() throws {
    let network = try network()
    let whole = try CheckpointFile.encode(tensors: tensors(of: network), metadata: ["step": "1"])
    #expect(
      try InitialValues.load(folder.write(whole, to: "whole.safetensors"), into: network) == [])
    var changed = whole
    changed[whole.count - 4] ^= 1
    let path = try folder.write(changed, to: "changed.safetensors")
    #expect(
      try InitialValues.load(path, into: network) == [
        "\(path): its sha256 is not that of its bytes: it is damaged, or another program changed it."
      ])
  }
}
