#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a program could not be started.
public struct ChildProcessError: Error, Equatable, Sendable {
  public let program: String
  /// The system's `errno`.
  public let code: Int32
}

/// A program that runs as a child of this process and whose output is read through pipes.
///
/// Only one thread may use it. The child is ended when this object is released.
public final class ChildProcess {
  /// The source of the child's standard input.
  public enum Input: Sendable {
    case nothing
    /// From ``write(_:)``.
    case pipe
  }

  private let identifier: pid_t
  private let output: Int32
  private let errors: Int32?
  private var input: Int32?
  private var status: Int32?

  /// Starts `program`, a path or a name that is looked up in `PATH`.
  ///
  /// - Parameters:
  ///   - keepsErrors: true if ``remainingErrors()`` reads the child's standard error; otherwise the
  ///     child shares the standard error of this process.
  ///   - inOwnGroup: true if Ctrl-C on the terminal reaches this process only.
  public init(
    _ program: String, _ arguments: [String], input: Input = .nothing, keepsErrors: Bool = false,
    inOwnGroup: Bool = false
  ) throws(ChildProcessError) {
    var actions = FileActions()
    defer { actions.close() }
    do {
      switch input {
      case .nothing:
        self.input = nil
        actions.open("/dev/null", as: 0)
      case .pipe: self.input = try actions.pipe(childReads: true, as: 0)
      }
      output = try actions.pipe(childReads: false, as: 1)
      errors = keepsErrors ? try actions.pipe(childReads: false, as: 2) : nil
    } catch { throw ChildProcessError(program: program, code: error.code) }

    var strings: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    strings.append(nil)
    defer { for string in strings { free(string) } }
    var child = pid_t()
    let failure = actions.spawn(&child, program, strings, inOwnGroup: inOwnGroup)
    identifier = child
    guard failure == 0 else {
      // No child was started, so there is none to end.
      status = failure
      throw ChildProcessError(program: program, code: failure)
    }
  }

  deinit {
    for descriptor in [output, errors, input].compactMap(\.self) { close(descriptor) }
    if status == nil {
      kill(identifier, SIGKILL)
      _ = wait()
    }
  }

  /// Waits for output of the child and reads at most `limit` bytes.
  ///
  /// - Returns: no bytes at the end of the output; nil if nothing arrived within `seconds`.
  public func read(limit: Int = 1 << 16, within seconds: Double? = nil) -> [UInt8]? {
    if let seconds {
      var waiting = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32((seconds * 1000).rounded(.up))) > 0 else { return nil }
    }
    return Self.read(output, limit)
  }

  /// The text that the child wrote to its standard error and that was not read before.
  public func remainingErrors() -> String {
    guard let errors else { return "" }
    var bytes: [UInt8] = []
    while bytes.count < 1 << 16 {
      let more = Self.read(errors, 1 << 12)
      if more.isEmpty { break }
      bytes += more
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes all of `text` to the child's standard input.
  ///
  /// - Returns: true if the child accepted all of it. SIGPIPE must be ignored.
  @discardableResult
  public func write(_ text: String) -> Bool {
    guard let input else { return false }
    var text = text
    return text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = systemWrite(input, bytes.baseAddress! + written, bytes.count - written)
        if count >= 0 { written += count } else if errno != EINTR { return false }
      }
      return true
    }
  }

  /// Closes the child's standard input.
  public func closeInput() {
    if let input { close(input) }
    input = nil
  }

  /// Waits until the child ends.
  ///
  /// - Returns: the exit code, or 128 plus the number of the signal that ended the child.
  public func wait() -> Int32 {
    if let status { return status }
    var state: Int32 = 0
    while waitpid(identifier, &state, 0) < 0 && errno == EINTR {}
    let signal = state & 0x7F
    let code = signal == 0 ? (state >> 8) & 0xFF : 128 + signal
    status = code
    return code
  }

  private static func read(_ descriptor: Int32, _ limit: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: limit) { bytes, count in
      var found = systemRead(descriptor, bytes.baseAddress!, limit)
      while found < 0 && errno == EINTR {
        found = systemRead(descriptor, bytes.baseAddress!, limit)
      }
      count = max(0, found)
    }
  }
}

// Methods of the same names hide the system's functions.
private func systemRead(_ file: Int32, _ into: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(file, into, count)
}
private func systemWrite(_ file: Int32, _ from: UnsafeRawPointer, _ count: Int) -> Int {
  write(file, from, count)
}
