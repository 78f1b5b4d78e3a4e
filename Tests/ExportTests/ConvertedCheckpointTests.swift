import Checkpoints
import Files
import Foundation
import Layers
import Tensors
import TestSupport
import Testing
import Training

@testable import Export

/// A network of PyTorch that `scripts/pytorch/convert_checkpoint.py` wrote as a checkpoint.
@Suite struct ConvertedCheckpointTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures").path(percentEncoded: false)

  @Test func aCheckpointOfPyTorchGivesItsOutputs() throws {
    let trained = try TrainedModel("\(Self.fixtures)/converted.safetensors", best: false)
    #expect(trained.model.classNames == ["a", "b", "c"])
    #expect(trained.network.parameters.map(\.name).contains("bn1.running_var"))
    let (tensors, _) = try Safetensors.decode(
      InputFile.read("\(Self.fixtures)/converted-outputs.safetensors", limit: 1 << 16))
    let images = try #require(tensors.first { $0.name == "images" })
    let outputs = try #require(tensors.first { $0.name == "outputs" })
    let executor = Executor(
      trained.network, capacity: 5, training: false, context: Context(threadCount: 1))
    // From [5, 3, 6, 8] to [5, 6, 8, 3].
    for example in 0..<5 {
      for channel in 0..<3 {
        for pixel in 0..<48 {
          executor.input.base[(example * 48 + pixel) * 3 + channel] =
            images.values[(example * 3 + channel) * 48 + pixel]
        }
      }
    }
    let found = executor.forward(count: 5)
    #expect(found.count == 15 && outputs.values.count == 15)
    for (found, expected) in zip(found.elements, outputs.values) {
      #expect(abs(found - expected) <= 1e-6, "\(found), \(expected)")
    }
  }

  /// The exported values are PyTorch's, so the way back is exact.
  @Test func theValuesComeBack() throws {
    let path = "\(Self.fixtures)/converted.safetensors"
    let export = try TorchExport(TrainedModel(path, best: false))
    let (tensors, metadata) = try Safetensors.decode(export.values)
    #expect(try tensors == CheckpointFile.read(path).tensors)
    #expect(metadata["format"] == "pt" && metadata["classes"] == "[\"a\",\"b\",\"c\"]")
    #expect(metadata["mean"] == "0.5,0.4,0.3")
  }

  @Test func theExampleHasPyTorchsOrder() throws {
    let trained = try TrainedModel("\(Self.fixtures)/converted.safetensors", best: false)
    let (tensors, _) = try Safetensors.decode(
      #require(try ExampleOutputs(of: trained, count: 300)).bytes)
    #expect(tensors.map(\.name) == ["images", "outputs", "pixels"])
    #expect(tensors.map(\.shape) == [[300, 3, 6, 8], [300, 3], [300, 3, 6, 8]])
    #expect(tensors[2].values.allSatisfy { $0 == $0.rounded() && (0...255).contains($0) })
    for (place, pixel) in tensors[2].values.enumerated() where place % 97 == 0 {
      let channel = place / 48 % 3
      #expect(
        tensors[0].values[place] == trained.normalization.value(of: UInt8(pixel), channel: channel))
    }
    // Outputs do not depend on the pass that an image is in.
    let (few, _) = try Safetensors.decode(#require(try ExampleOutputs(of: trained, count: 2)).bytes)
    #expect(few[1].values == Array(tensors[1].values.prefix(6)))
    #expect(few[2].values == Array(tensors[2].values.prefix(288)))
  }
}
