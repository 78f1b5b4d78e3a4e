/// How long a transfer may take to get on, and how often it is tried.
public struct TransferLimits: Sendable {
  /// Seconds from a request to the first line of its answer, a connection made in between.
  public var answerSeconds = 8.0
  /// Seconds without a byte before a transfer counts as stalled.
  public var stallSeconds = 30.0
  /// Redirections of one request.
  public var redirects = 5
  /// Tries of one mirror, as long as each brings something.
  public var attempts = 10
  /// Seconds between two tries of one mirror.
  public var pauseSeconds = 1.0
  /// The most bytes of a file whose size is not known in advance.
  public var largestFile = 1 << 30

  public init() {}
}
