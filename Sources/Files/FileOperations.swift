#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The failure of a system call, by its `errno`.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  public let code: Int32

  public init(_ code: Int32) { self.code = code }

  /// The system's description of the error.
  public var description: String { String(cString: strerror(code)) }

  /// The advice for the user.
  var advice: String {
    switch code {
    case ENOSPC, EDQUOT: "Free some space or choose another folder."
    case EFBIG: "Choose a folder on a file system that takes larger files."
    case EACCES, EPERM, EROFS: "Choose a folder that you may write to."
    case ENOENT, ENOTDIR: "Create the folder first."
    case ELOOP: "Remove the link that stands in its place."
    default: "Check the disk."
    }
  }
}

/// The system calls that change files. Tests replace them to inject failures.
public struct FileOperations: Sendable {
  /// Opens a path with flags and, for a new file, a mode.
  public var open: @Sendable (String, Int32, mode_t) throws(SystemError) -> Int32
  /// Writes some of the bytes and returns their number.
  public var write: @Sendable (Int32, UnsafeRawBufferPointer) throws(SystemError) -> Int
  /// Returns once the file's content, or the folder's list of names, is on the disk.
  public var synchronize: @Sendable (Int32) throws(SystemError) -> Void
  public var close: @Sendable (Int32) throws(SystemError) -> Void
  /// Renames the file at the first path to the second path, replacing any file there.
  public var rename: @Sendable (String, String) throws(SystemError) -> Void
  /// Gives the file at the first path a second name, at which nothing may exist.
  public var link: @Sendable (String, String) throws(SystemError) -> Void
  public var remove: @Sendable (String) throws(SystemError) -> Void
  /// Truncates a file to a length in bytes.
  public var truncate: @Sendable (Int32, Int) throws(SystemError) -> Void
  public var makeFolder: @Sendable (String) throws(SystemError) -> Void

  /// The system's own calls.
  public static let system = FileOperations(
    open: { path, flags, mode throws(SystemError) in
      try check(systemOpen(path, flags, mode))
    },
    write: { descriptor, bytes throws(SystemError) in
      // macOS refuses to write 2³¹ bytes at once.
      try check(systemWrite(descriptor, bytes.baseAddress, min(bytes.count, 1 << 30)))
    },
    synchronize: { descriptor throws(SystemError) in
      #if canImport(Darwin)
        // On macOS `fsync` leaves the data in the drive's cache.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
      #endif
      _ = try check(fsync(descriptor))
    },
    close: { descriptor throws(SystemError) in _ = try check(systemClose(descriptor)) },
    rename: { old, new throws(SystemError) in _ = try check(systemRename(old, new)) },
    link: { old, new throws(SystemError) in _ = try check(systemLink(old, new)) },
    remove: { path throws(SystemError) in _ = try check(unlink(path)) },
    truncate: { descriptor, length throws(SystemError) in
      _ = try check(ftruncate(descriptor, off_t(length)))
    },
    makeFolder: { path throws(SystemError) in _ = try check(mkdir(path, 0o777)) }
  )

  /// Writes all of `bytes` with as many calls as needed.
  ///
  /// - Parameter written: the number of bytes that are in the file, also if this throws.
  package func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, written: inout Int
  ) throws(SystemError) {
    let result: Result<Int, SystemError> = bytes.withUnsafeBytes { buffer in
      var position = 0
      while position < buffer.count {
        do throws(SystemError) {
          let count = try write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[position...]))
          guard count > 0 else { throw SystemError(EIO) }
          position += count
        } catch {
          if error.code == EINTR { continue }
          written = position
          return .failure(error)
        }
      }
      return .success(position)
    }
    written = try result.get()
  }

  /// Opens a path, and retries if a signal interrupted the call.
  package func openPatiently(
    _ path: String, _ flags: Int32, _ mode: mode_t = 0
  ) throws(SystemError) -> Int32 {
    while true {
      do throws(SystemError) { return try open(path, flags | O_CLOEXEC, mode) } catch {
        if error.code != EINTR { throw error }
      }
    }
  }

  /// Closes a file whose content is on the disk already or is discarded.
  ///
  /// A failed close is not repeated. On Linux the descriptor is closed even after EINTR, and by
  /// then its number may belong to another file.
  package func closeOnce(_ descriptor: Int32) throws(SystemError) {
    do throws(SystemError) { try close(descriptor) } catch {
      if error.code != EINTR { throw error }
    }
  }
}

private func check<Value: SignedInteger>(_ value: Value) throws(SystemError) -> Value {
  guard value >= 0 else { throw SystemError(errno) }
  return value
}

// Methods of the same names hide the system's functions.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  open(path, flags, mode)
}
private func systemWrite(_ file: Int32, _ from: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, from, count)
}
private func systemClose(_ file: Int32) -> Int32 { close(file) }
private func systemRename(_ old: String, _ new: String) -> Int32 { rename(old, new) }
private func systemLink(_ old: String, _ new: String) -> Int32 { link(old, new) }
