#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a file could not be read.
public enum InputFileProblem: Error, Equatable, Sendable, CustomStringConvertible {
  case missing
  case danglingLink
  case unreadable
  case directory
  case notRegular(String)
  case empty
  case tooLarge(bytes: Int, limit: Int)
  case failed(String)

  public var description: String {
    switch self {
    case .missing: "no such file"
    case .danglingLink: "the link points to a file that does not exist"
    case .unreadable: "not readable (permission denied)"
    case .directory: "is a directory (expected a file)"
    case .notRegular(let kind): "is a \(kind) (expected a regular file)"
    case .empty: "the file is empty"
    case .tooLarge(let bytes, let limit):
      "the file is too large (found \(bytes) bytes, expected at most \(limit))"
    case .failed(let reason): "reading failed (\(reason))"
    }
  }
}

/// Reads whole files. Only regular, non-empty files up to a size limit are accepted.
public enum InputFile {
  /// The bytes of the file at `path`.
  ///
  /// - Parameters:
  /// - limit: the maximum size of the file in bytes.
  /// - first: the number of bytes to read from a larger file; nil to read all of them.
  public static func read(
    _ path: String, limit: Int, first: Int? = nil
  ) throws(InputFileProblem) -> [UInt8] {
    let descriptor = try open(path)
    defer { _ = close(descriptor) }
    let size = min(try regularSize(descriptor, limit: limit), first ?? limit)

    var failure: InputFileProblem?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let n = systemRead(descriptor, buffer.baseAddress! + count, size - count)
        if n < 0 && errno == EINTR { continue }
        if n < 0 { failure = .failed(String(cString: strerror(errno))) }
        if n <= 0 { break }
        count += n
      }
    }
    if let failure { throw failure }
    guard !bytes.isEmpty else { throw .empty }
    return bytes
  }

  /// All bytes of standard input, which may be a pipe.
  ///
  /// - Parameter limit: the maximum number of bytes.
  public static func readStandardInput(limit: Int) throws(InputFileProblem) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = systemRead(0, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .failed(String(cString: strerror(errno))) }
      if count == 0 { break }
      bytes += part[..<count]
      guard bytes.count <= limit else { throw .tooLarge(bytes: bytes.count, limit: limit) }
    }
    guard !bytes.isEmpty else { throw .empty }
    return bytes
  }

  /// The size of the file at `path`, and its first and last bytes, at most four each.
  public static func ends(
    _ path: String, limit: Int
  ) throws(InputFileProblem) -> (count: Int, first: [UInt8], last: [UInt8]) {
    let descriptor = try open(path)
    defer { _ = close(descriptor) }
    let size = try regularSize(descriptor, limit: limit)
    func bytes(at offset: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: min(4, size))
      let count = pread(descriptor, &bytes, bytes.count, off_t(offset))
      return Array(bytes.prefix(max(0, count)))
    }
    return (size, bytes(at: 0), bytes(at: max(0, size - 4)))
  }

  private static func open(_ path: String) throws(InputFileProblem) -> Int32 {
    while true {
      // O_NONBLOCK: opening a FIFO must not wait for its writer.
      let descriptor = systemOpen(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      if descriptor >= 0 { return descriptor }
      switch errno {
      case EINTR: continue
      case ENOENT:
        var status = stat()
        throw lstat(path, &status) == 0 ? .danglingLink : .missing
      case ENOTDIR: throw .missing
      case EACCES, EPERM: throw .unreadable
      case ENXIO: throw .notRegular("socket or device")
      default: throw .failed(String(cString: strerror(errno)))
      }
    }
  }

  private static func regularSize(_ descriptor: Int32, limit: Int) throws(InputFileProblem) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .failed(String(cString: strerror(errno)))
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .directory
    case S_IFIFO: throw .notRegular("named pipe")
    case S_IFCHR, S_IFBLK: throw .notRegular("device")
    default: throw .notRegular("special file")
    }
    let size = Int(status.st_size)
    guard size > 0 else { throw .empty }
    guard size <= limit else { throw .tooLarge(bytes: size, limit: limit) }
    return size
  }
}

// `InputFile.open` hides the system's function of the same name.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags) }
private func systemRead(_ file: Int32, _ into: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(file, into, count)
}
