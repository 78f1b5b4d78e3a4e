/// What a client may demand of a ``WebServer``.
public struct ServerLimits: Sendable {
  /// The maximum size of the request line and the header fields, in bytes.
  public var headBytes = 1 << 14
  /// The maximum size of a body in bytes.
  public var bodyBytes = 1 << 24
  /// The maximum size of all bodies in memory, in bytes.
  public var allBodyBytes = 1 << 28
  /// The maximum number of connections.
  public var connections = 256
  /// The time in which a head must arrive after its first byte, in seconds.
  public var headSeconds = 10.0
  /// The time in which a body must arrive after its head, in seconds.
  public var bodySeconds = 30.0
  /// The time in which the handler must answer, in seconds.
  public var answerSeconds = 60.0
  /// The time in which a client must take some part of the answer, in seconds.
  public var writeSeconds = 10.0
  /// The time that a connection may be kept without a request, in seconds.
  public var idleSeconds = 60.0
  /// The time that requests may take to complete after the server was asked to stop, in seconds.
  public var stopSeconds = 10.0

  public init() {}
}
