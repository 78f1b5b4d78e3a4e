import Datasets
import Files
import Foundation
import Layers
import Networks
import Testing

@testable import Export

/// `scripts/make-onnx-fixture` builds the same model with the package onnx, and checks it.
@Suite struct ONNXFixtureTests {
  private static let fixture = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures/network.onnx").path(percentEncoded: false)

  @Test func theBytesAreThoseOfTheONNXPackage() throws {
    let network = try Architecture(
      "conv(2,2x3,stride=2x1) bn(epsilon=0.5) res(gelu) dropout(0.5) pool(2,3,mode=ceil) gn(1) signal"
        + " fc(3,bias=no)"
    ).network(input: [1, 6, 5, 1], classes: 3)
    for parameter in network.parameters {
      parameter.setValues(stored: (1...parameter.layout.count).map { Float($0) / 8 })
    }
    let model = ONNXModel(
      producerVersion: "1", description: "a small network",
      graph: try ONNXGraph(
        network, name: "small", inputName: "pixels", pixels: .uint8,
        normalization: Normalization(mean: [0.5], std: [0.25], channels: 1),
        outputName: "probabilities"),
      metadata: [("model", "small"), ("classes", "[\"a\",\"b\",\"c\"]")])
    let expected = try InputFile.read(Self.fixture, limit: 1 << 16)
    #expect(model.bytes.count == expected.count)
    // The first difference says more than two lists of bytes.
    let place = zip(model.bytes, expected).enumerated().first { $0.element.0 != $0.element.1 }
    #expect(place == nil, "byte \(place?.offset ?? 0)")
  }
}
