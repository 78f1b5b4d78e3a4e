import Files

/// Writes a file that the user did not name, and overwrites nothing.
enum FreshFile {
  /// Writes `bytes` to `<stem>.<suffix>`, or to the first free `<stem>-2.<suffix>` and so on. A file
  /// that has these bytes already stays.
  ///
  /// - Returns: the path of the file.
  static func write(
    _ bytes: [UInt8], _ stem: String, suffix: String
  ) throws(OutputFileError) -> String {
    var number = 1
    while true {
      let path = number == 1 ? "\(stem).\(suffix)" : "\(stem)-\(number).\(suffix)"
      if (try? InputFile.read(path, limit: max(1, bytes.count))) == bytes { return path }
      do throws(OutputFileError) {
        try OutputFile.writeNew(bytes, to: path)
        return path
      } catch {
        guard case .exists = error else { throw error }
      }
      number += 1
    }
  }
}
