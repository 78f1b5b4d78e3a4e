#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why text could not be written to a standard stream.
public enum OutputError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The reader is gone, as `head` is after its ten lines.
  case readerGone
  case noSpace
  case failed(String)

  public var description: String {
    switch self {
    case .readerGone: "nobody reads the output any more"
    case .noSpace: "no space left for the output"
    case .failed(let reason): "the output cannot be written (\(reason))"
    }
  }
}

/// An open file descriptor to write text to; unlike `print` it tells when that fails.
public struct StandardStream: Sendable {
  public static let output = StandardStream(descriptor: 1)
  public static let error = StandardStream(descriptor: 2)

  public let descriptor: Int32

  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// Opens those of the descriptors 0, 1 and 2 that the parent left closed, on `/dev/null`.
  ///
  /// Otherwise the next files that are opened would get these numbers, and what is meant for the
  /// console would go into them. To be called before anything is opened.
  public static func openAll() {
    while case let descriptor = open("/dev/null", O_RDWR), descriptor >= 0 {
      guard descriptor > 2 else { continue }
      close(descriptor)
      return
    }
  }

  /// Whether a person sees what is written.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// How many columns the terminal shows, or `nil` where there is none.
  public var columns: Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes all of `text` as UTF-8.
  ///
  /// A stream whose reader is gone is an error here, not a signal that ends the process: SIGPIPE is
  /// ignored from the first write on.
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
  /// - Returns: the number of the error that stopped it, or 0.
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

/// Runs once, when it is first read.
private let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

// `StandardStream.write` would hide the system's function of the same name.
private func systemWrite(_ file: Int32, _ from: UnsafeRawPointer, _ count: Int) -> Int {
  write(file, from, count)
}
