import Foundation
import Layers
import Tensors
import Training

@testable import Checkpoints

/// A file of inputs and PyTorch's results in double, made by `scripts/pytorch/make_fixtures.py`.
struct Fixture {
  let tensors: [String: StoredTensor]
  let metadata: [String: String]

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// The names of all files, in order.
  static var names: [String] {
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (files ?? []).filter { $0.hasSuffix(".safetensors") }
      .map { String($0.dropLast(".safetensors".count)) }.sorted()
  }

  init(_ name: String) throws {
    let path = Self.folder.appending(path: "\(name).safetensors")
    let (tensors, metadata) = try Safetensors.decode([UInt8](Data(contentsOf: path)))
    self.tensors = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
    self.metadata = metadata
  }

  /// The cases' names, in order.
  var cases: [String] { metadata.keys.sorted() }

  func tensor(_ name: String) throws -> StoredTensor {
    guard let tensor = tensors[name] else { throw MissingTensor(name: name) }
    return tensor
  }

  func examples(_ name: String) throws -> StoredExamples { StoredExamples(try tensor(name)) }

  func values(_ name: String) throws -> [Float] { try tensor(name).values }

  /// The settings of a case: `stride=2,1 padding=1,0`.
  func settings(_ name: String) -> [String: String] {
    var settings: [String: String] = [:]
    for word in (metadata[name] ?? "").split(separator: " ") {
      let parts = word.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { settings[String(parts[0])] = String(parts[1]) }
    }
    return settings
  }

  /// A setting of two extents, height and width: `2,1`.
  func pair(_ setting: String, of name: String) throws -> Extent2D {
    let numbers = (settings(name)[setting] ?? "").split(separator: ",").compactMap { Int($0) }
    guard numbers.count == 2 else { throw MissingTensor(name: "\(name) \(setting)") }
    return Extent2D(numbers[0], numbers[1])
  }

  struct MissingTensor: Error { let name: String }
}

/// Activations of a fixture with channels last: `[n, c, h, w]` becomes `[n, h, w, c]`, and other
/// ranks do not change.
struct StoredExamples {
  let shape: Shape
  let values: [Float]

  init(_ tensor: StoredTensor) {
    let stored = tensor.shape
    guard stored.count == 4 else {
      shape = Shape(stored)
      values = tensor.values
      return
    }
    let (n, c, h, w) = (stored[0], stored[1], stored[2], stored[3])
    shape = [n, h, w, c]
    var values = [Float](repeating: 0, count: tensor.values.count)
    for example in 0..<n {
      for channel in 0..<c {
        for pixel in 0..<h * w {
          values[(example * h * w + pixel) * c + channel] =
            tensor.values[(example * c + channel) * h * w + pixel]
        }
      }
    }
    self.values = values
  }
}
