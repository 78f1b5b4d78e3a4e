import Synchronization

/// The processes that train one network together, as one of them sees them.
///
/// All processes call the same functions in the same order. The order of every sum is fixed: it depends on
/// neither the time at which messages arrive nor the number of processes.
public final class ProcessGroup: @unchecked Sendable {
  /// The number of this process, from 0.
  public let rank: Int
  /// The number of processes.
  public let count: Int
  let transport: any MessageTransport
  /// The memory in which processes of one host train together; nil if they exchange messages instead.
  public private(set) var shared: SharedMemory?

  private let sentMessages = Atomic<Int>(0)
  private let sentBytes = Atomic<Int>(0)

  private let lock = NativeLock()
  // Guarded by `lock`.
  private var queue: [Job] = []
  private var startedJobs = 0
  private var finishedJobs = 0
  private var thread: BackgroundThread?

  public init(_ transport: any MessageTransport) {
    self.transport = transport
    rank = transport.rank
    count = transport.count
    if LaneShare.possibleCounts.contains(count), count > 1 {
      shared = transport.sharedRegion.map {
        SharedMemory($0, rank: transport.rank, count: transport.count)
      }
    }
    queue.reserveCapacity(256)
  }

  /// Exchanges messages from now on, if fewer than `byteCount` bytes of shared memory are left. All processes
  /// call it with the same number.
  public func requireSharedMemory(_ byteCount: Int) {
    if let shared, shared.available < byteCount { self.shared = nil }
  }

  /// The lanes of this process.
  ///
  /// - Precondition: ``count`` is one of ``LaneShare/possibleCounts``.
  public var share: LaneShare { LaneShare(process: rank, of: count) }

  // MARK: Wishes

  /// The wish of this process to stop, which it tells the others in the next step; 0 for none.
  package var wish = 0
  /// The greatest wish of all processes in the last step; all see the same one.
  package var agreedWish = 0

  // MARK: Messages

  /// The messages and the bytes that this process has sent, and the barriers at which it has waited for the
  /// others to read their values in shared memory.
  public struct Traffic: Equatable, Sendable {
    public var messages: Int
    public var bytes: Int
    public var barriers: Int

    public init(messages: Int = 0, bytes: Int = 0, barriers: Int = 0) {
      self.messages = messages
      self.bytes = bytes
      self.barriers = barriers
    }

    public static func + (a: Traffic, b: Traffic) -> Traffic {
      Traffic(
        messages: a.messages + b.messages, bytes: a.bytes + b.bytes,
        barriers: a.barriers + b.barriers)
    }

    public static func - (a: Traffic, b: Traffic) -> Traffic {
      Traffic(
        messages: a.messages - b.messages, bytes: a.bytes - b.bytes,
        barriers: a.barriers - b.barriers)
    }
  }

  /// What this process has sent so far, and its barriers.
  public var traffic: Traffic {
    Traffic(
      messages: sentMessages.load(ordering: .relaxed), bytes: sentBytes.load(ordering: .relaxed),
      barriers: shared?.barriers ?? 0)
  }

  /// Starts to send `count` bytes.
  public func startSend(
    _ bytes: UnsafeRawPointer, count: Int, to rank: Int, on channel: MessageChannel = .foreground
  ) -> MessageRequest {
    sentMessages.add(1, ordering: .relaxed)
    sentBytes.add(count, ordering: .relaxed)
    return transport.startSend(bytes, count: count, to: rank, on: channel)
  }

  /// Starts to receive `count` bytes.
  public func startReceive(
    _ bytes: UnsafeMutableRawPointer, count: Int, from rank: Int,
    on channel: MessageChannel = .foreground
  ) -> MessageRequest {
    transport.startReceive(bytes, count: count, from: rank, on: channel)
  }

  /// Waits for a message that was started.
  public func wait(for request: MessageRequest, on channel: MessageChannel = .foreground) {
    transport.wait(for: request, on: channel)
  }

  /// Sends to `partner` and receives from it at the same time. A message of no bytes is not sent.
  func exchange(
    _ sent: UnsafeRawBufferPointer, for received: UnsafeMutableRawBufferPointer,
    with partner: Int, on channel: MessageChannel
  ) {
    let receive = received.baseAddress.flatMap {
      received.isEmpty
        ? nil : startReceive($0, count: received.count, from: partner, on: channel)
    }
    if let base = sent.baseAddress, !sent.isEmpty {
      wait(for: startSend(base, count: sent.count, to: partner, on: channel), on: channel)
    }
    if let receive { wait(for: receive, on: channel) }
  }

  // MARK: Jobs in the background

  /// Messages that a thread exchanges beside the training thread. A job is made once and started in each
  /// step.
  public final class Job: @unchecked Sendable {
    fileprivate let body: () -> Void
    // Guarded by the group's lock.
    fileprivate var isPending = false

    /// - Parameter body: exchanges messages on ``MessageChannel/background``.
    public init(_ body: @escaping () -> Void) { self.body = body }
  }

  /// Starts a job behind those that were started before.
  public func start(_ job: Job) {
    wait(for: job)
    lock.acquire()
    job.isPending = true
    queue.append(job)
    startedJobs += 1
    let thread = self.thread ?? BackgroundThread { [unowned self] in runJobs() }
    self.thread = thread
    lock.release()
    thread.wake()
  }

  /// Waits until `job` is finished, if it was started.
  public func wait(for job: Job) {
    lock.acquire()
    while job.isPending { lock.wait() }
    lock.release()
  }

  /// Waits until all jobs are finished.
  public func finishJobs() {
    lock.acquire()
    while finishedJobs < startedJobs { lock.wait() }
    lock.release()
  }

  private func runJobs() {
    var next = 0
    while true {
      lock.acquire()
      if next == queue.count {
        queue.removeAll(keepingCapacity: true)
        lock.release()
        return
      }
      let job = queue[next]
      next += 1
      lock.release()
      job.body()
      lock.acquire()
      job.isPending = false
      finishedJobs += 1
      lock.release()
      lock.wakeAll()
    }
  }
}
