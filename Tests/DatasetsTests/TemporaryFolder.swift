import Foundation

/// A folder that is gone with the value.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("datasets-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: "\(path)/\(name)", withIntermediateDirectories: true)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/\(name)", withDestinationPath: target)
  }

  /// Writes four small files of MNIST's form: `count` images of 28×28 and as many labels a split.
  func writeDigits(_ count: Int = 3, in folder: String = "") throws {
    let prefix = folder.isEmpty ? "" : folder + "/"
    for split in ["train", "t10k"] {
      try write(HandMade.images(count, 28, 28), to: "\(prefix)\(split)-images-idx3-ubyte")
      try write(
        HandMade.labels((0..<count).map { UInt8($0 % 10) }),
        to: "\(prefix)\(split)-labels-idx1-ubyte")
    }
  }
}
