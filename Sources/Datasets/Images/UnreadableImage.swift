import Files

/// A file in a folder of images that cannot be read.
public struct UnreadableImage: Error, Equatable, Sendable {
  public let path: String
  /// Its description begins with the path.
  let problem: String

  init(_ path: String, _ error: DatasetError) {
    self.path = path
    problem = error.description
  }

  /// The number of files that an error or a warning names.
  static let namedCount = 20

  /// The error about `files`, of `count` files in `directory`.
  static func error(
    about files: [UnreadableImage], of count: Int, in directory: String
  ) -> DatasetError {
    let files = files.sorted { precedes($0.path, $1.path) }
    return .unreadable(directory: directory, files, of: count)
  }

  /// The warning that `files`, of `count` files in `directory`, are left out; nil if there are none.
  static func notice(
    about files: [UnreadableImage], of count: Int, in directory: String
  ) -> String? {
    guard !files.isEmpty else { return nil }
    let names = files.map(\.path).sorted(by: precedes).map {
      $0.hasPrefix("\(directory)/") ? String($0.dropFirst(directory.utf8.count + 1)) : $0
    }
    return "\(directory): left out \(files.count) of \(count) files, which cannot be read "
      + "(\(shortList(names, "and")))."
  }
}
