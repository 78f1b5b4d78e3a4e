#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The reason that text could not be written to a standard stream.
public enum OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reader has closed its end of the pipe, as `head` does after ten lines.
  case readerGone
  case noSpace
  case failed(String)

  public var description: String {
    switch self {
    case .readerGone: "standard output: its reader has ended. Let it read to the end."
    case .noSpace: "standard output: no space left. Free some space or choose another file."
    case .failed(let reason): "standard output: cannot be written (\(reason)). Choose another file."
    }
  }
}

/// A file descriptor for text output. Unlike `print`, ``write(_:)`` throws if it fails.
public struct StandardStream: Sendable {
  public static let output = StandardStream(descriptor: 1)
  public static let error = StandardStream(descriptor: 2)

  public let descriptor: Int32

  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// Opens `/dev/null` for each of the descriptors 0, 1 and 2 that the parent process left closed.
  ///
  /// Without this call, the next opened files would get these numbers, and console output would go into
  /// the files. Call it before any file is opened.
  public static func openAll() {
    while case let descriptor = open("/dev/null", O_RDWR), descriptor >= 0 {
      guard descriptor > 2 else { continue }
      close(descriptor)
      return
    }
  }

  /// True if the descriptor is a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The terminal's width in columns, or `nil` if the descriptor is not a terminal.
  public var columns: Int? { size?.columns }

  /// The extents of the terminal's window in characters; nil if the descriptor is not a terminal.
  var size: (columns: Int, rows: Int)? { terminalSize(of: descriptor) }

  /// Writes all of `text` as UTF-8.
  ///
  /// The first write makes the process ignore SIGPIPE, so a closed pipe gives an error and does not end the
  /// process.
  public func write(_ text: String) throws(OutputError) {
    ignoreBrokenPipes
    var text = text
    let failure = text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    guard failure == 0 else {
      switch failure {
      case EPIPE: throw .readerGone
      case ENOSPC, EDQUOT: throw .noSpace
      default: throw .failed(String(cString: strerror(failure)))
      }
    }
  }

  /// Writes all bytes.
  ///
  /// - Returns: 0, or the system's error number if a write failed.
  private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var written = 0
    while written < bytes.count {
      let count = systemWrite(
        descriptor, bytes.baseAddress! + written, bytes.count - written)
      if count >= 0 {
        written += count
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}

/// The extents in characters of the window of the terminal `file`; nil if it has none.
func terminalSize(of file: Int32) -> (columns: Int, rows: Int)? {
  var size = winsize()
  guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
  return (Int(size.ws_col), Int(size.ws_row))
}

/// Ignores SIGPIPE when the value is first read.
private let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

// Inside `StandardStream`, its own `write` hides the system's function.
private func systemWrite(_ file: Int32, _ from: UnsafeRawPointer, _ count: Int) -> Int {
  write(file, from, count)
}
