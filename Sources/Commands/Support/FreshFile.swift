import Files

/// Writes files that the user did not name, and overwrites nothing.
enum FreshFile {
  /// A file of a group: the end of its name, such as `.svg`, and its content.
  struct Content {
    let suffix: String
    let bytes: [UInt8]

    init(_ suffix: String, _ bytes: [UInt8]) {
      (self.suffix, self.bytes) = (suffix, bytes)
    }

    /// True if a file at `path` has the content already; nil if there is none.
    func isAt(_ path: String) -> Bool? {
      guard OutputFile.exists(path) else { return nil }
      return (try? InputFile.read(path, limit: max(1, bytes.count))) == bytes
    }
  }

  /// Writes `bytes` to `<stem>.<suffix>`, or to the first free `<stem>-2.<suffix>` and so on. A file
  /// that has these bytes already stays.
  ///
  /// - Returns: the path of the file.
  static func write(
    _ bytes: [UInt8], _ stem: String, suffix: String
  ) throws(OutputFileError) -> String {
    let content = Content(".\(suffix)", bytes)
    return try write([content], stem) + content.suffix
  }

  /// Writes `files` under one stem: `stem`, or the first of `<stem>-2` and so on of which no file has
  /// another content.
  ///
  /// - Returns: the stem.
  static func write(_ files: [Content], _ stem: String) throws(OutputFileError) -> String {
    var number = 1
    while true {
      let numbered = number == 1 ? stem : "\(stem)-\(number)"
      let states = files.map { $0.isAt(numbered + $0.suffix) }
      number += 1
      guard !states.contains(false) else { continue }
      do throws(OutputFileError) {
        for (file, state) in zip(files, states) where state == nil {
          try OutputFile.writeNew(file.bytes, to: numbered + file.suffix)
        }
        return numbered
      } catch {
        // Another program has written a file meanwhile.
        guard case .exists = error else { throw error }
      }
    }
  }
}
