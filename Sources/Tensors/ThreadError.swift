#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The system refuses to start a thread.
public struct ThreadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// How many threads were asked for.
  public let threadCount: Int
  /// The system's `errno`.
  public let code: Int32

  public var description: String {
    "--threads: \(threadCount) threads cannot be started (\(String(cString: strerror(code)))). "
      + "Choose a smaller number."
  }
}
