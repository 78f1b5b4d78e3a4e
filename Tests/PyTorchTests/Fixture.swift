import Foundation
import Tensors
import Training

/// A file of inputs and results that PyTorch computed in double: `scripts/pytorch/make_fixtures.py`.
struct Fixture {
  let tensors: [String: StoredTensor]
  let metadata: [String: String]

  init(_ name: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/\(name).safetensors")
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

  struct MissingTensor: Error { let name: String }
}

extension StoredTensor {
  /// `[n, c, h, w]` as `[n, h, w, c]`; any other rank as it is.
  var channelsLast: [Float] {
    guard shape.count == 4 else { return values }
    let (n, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
    var result = [Float](repeating: 0, count: values.count)
    for example in 0..<n {
      for channel in 0..<c {
        for pixel in 0..<h * w {
          result[(example * h * w + pixel) * c + channel] =
            values[(example * c + channel) * h * w + pixel]
        }
      }
    }
    return result
  }

  /// The shape of ``channelsLast``.
  var channelsLastShape: Shape {
    shape.count == 4 ? [shape[0], shape[2], shape[3], shape[1]] : Shape(shape)
  }
}

/// The greatest difference, as a part of the greatest element of `expected`.
func relativeDifference(_ found: [Float], _ expected: [Float]) -> Float {
  guard found.count == expected.count else { return .infinity }
  let scale = expected.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
  return zip(found, expected).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference / scale)
  }
}
