#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A new folder for temporary files, which is removed with everything in it at the end.
public final class ThrowawayFolder {
  public let path: String

  /// Creates a folder in `TMPDIR`, or else in `/tmp`.
  public init() throws(OutputFileError) {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(parent)/lecture-cnn-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else {
      throw .failed(path: parent, action: .create, reason: SystemError(errno))
    }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Removes the folder. What cannot be removed stays.
  public func remove() { Self.remove(path) }

  deinit { remove() }

  /// Links are removed and not followed.
  private static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    for name in (try? OutputFile.names(in: path)) ?? [] where name != "." && name != ".." {
      remove("\(path)/\(name)")
    }
    rmdir(path)
  }
}
