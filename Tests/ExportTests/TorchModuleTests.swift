import Foundation
import Testing
import Training

@testable import Export

/// The whole Python file of a small network. `UPDATE_MODULE=1` writes the fixture.
@Suite struct TorchModuleTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  @Test func theFileIsTheFixture() throws {
    let checkpoint = Self.fixtures.appending(path: "converted.safetensors")
    let trained = try TrainedModel(checkpoint.path(percentEncoded: false), best: false)
    let text = try TorchModule(trained).text
    let fixture = Self.fixtures.appending(path: "model.py")
    if ProcessInfo.processInfo.environment["UPDATE_MODULE"] != nil {
      try text.write(to: fixture, atomically: true, encoding: .utf8)
    }
    #expect(try text == String(contentsOf: fixture, encoding: .utf8))
  }
}
