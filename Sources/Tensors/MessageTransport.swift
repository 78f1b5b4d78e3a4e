/// A way to send bytes between the processes of a ``ProcessGroup``.
///
/// Messages from one process to another on one channel arrive in the order in which they were sent.
public protocol MessageTransport: AnyObject, Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var count: Int { get }
  /// Memory that all processes have mapped; nil if they do not run on one host, or have none.
  var sharedRegion: SharedRegion? { get }

  /// Starts to send `count` bytes, which must not change until ``wait(for:on:)`` returns.
  func startSend(
    _ bytes: UnsafeRawPointer, count: Int, to rank: Int, on channel: MessageChannel
  ) -> MessageRequest
  /// Starts to receive a message of exactly `count` bytes.
  func startReceive(
    _ bytes: UnsafeMutableRawPointer, count: Int, from rank: Int, on channel: MessageChannel
  ) -> MessageRequest
  /// Returns when the message has been received, or when its bytes may change.
  ///
  /// If another process is lost, the transport ends this process; the call never returns without the
  /// message.
  func wait(for request: MessageRequest, on channel: MessageChannel)
}

extension MessageTransport {
  public var sharedRegion: SharedRegion? { nil }
}

/// Messages of different channels never wait for each other.
public enum MessageChannel: Int, Sendable {
  /// The training thread's own messages, which it waits for.
  case foreground
  /// The messages of the thread that works beside the training thread.
  case background
}

/// A message that was started.
public struct MessageRequest {
  /// The transport's own reference to it.
  public var handle: UnsafeMutableRawPointer?

  public init(handle: UnsafeMutableRawPointer?) { self.handle = handle }
}
