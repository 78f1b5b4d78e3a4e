/// Time limits and the number of retries of a transfer.
public struct TransferLimits: Sendable {
  /// Seconds from a request to the first line of its answer, including the connection.
  public var answerSeconds = 8.0
  /// Seconds without a byte before a transfer counts as stalled.
  public var stallSeconds = 30.0
  /// The maximum number of redirections of one request.
  public var redirects = 5
  /// The maximum number of tries of one mirror; a try that adds no bytes is the last one.
  public var attempts = 10
  /// Seconds between two tries of one mirror.
  public var pauseSeconds = 1.0
  /// The maximum size in bytes of a file whose size is not known in advance.
  public var largestFile = 1 << 30

  public init() {}
}
