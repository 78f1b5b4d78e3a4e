import Foundation
import Tensors

/// Processes that are threads of the test, with messages in memory or shared memory.
package enum ThreadProcesses {
  /// Calls `body` on `count` threads, each with its process group.
  ///
  /// - Parameter sharedBytes: the size of the memory that they share; 0 for messages.
  /// - Returns: the results, by rank.
  package static func run<Result: Sendable>(
    _ count: Int, sharedBytes: Int = 0,
    _ body: @escaping @Sendable (_ group: ProcessGroup) throws -> Result
  ) throws -> [Result] {
    let mail = Mail()
    let region = region(byteCount: sharedBytes)
    defer { if let region { munmap(region.start, region.byteCount) } }
    let outcomes = Outcomes<Result>(count)
    for rank in 0..<count {
      let thread = Thread {
        let group = ProcessGroup(
          MailTransport(rank: rank, count: count, mail: mail, sharedRegion: region))
        outcomes.set(rank, Swift.Result { try body(group) })
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    return try outcomes.all().map { try $0.get() }
  }

  /// Zeros that take memory only where they are used.
  private static func region(byteCount: Int) -> SharedRegion? {
    guard byteCount > 0 else { return nil }
    let map = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let map, map != MAP_FAILED else { return nil }
    return SharedRegion(start: map, byteCount: byteCount)
  }

  private final class Outcomes<Result: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var values: [Swift.Result<Result, any Error>?]

    init(_ count: Int) { values = Array(repeating: nil, count: count) }

    func set(_ rank: Int, _ value: Swift.Result<Result, any Error>) {
      condition.lock()
      values[rank] = value
      condition.broadcast()
      condition.unlock()
    }

    func all() -> [Swift.Result<Result, any Error>] {
      condition.lock()
      defer { condition.unlock() }
      while values.contains(where: { $0 == nil }) { condition.wait() }
      return values.map { $0! }
    }
  }
}

private struct Route: Hashable {
  let from, to, channel: Int
}

private final class Mail: @unchecked Sendable {
  private let condition = NSCondition()
  private var messages: [Route: [[UInt8]]] = [:]

  func put(_ message: [UInt8], _ route: Route) {
    condition.lock()
    messages[route, default: []].append(message)
    condition.broadcast()
    condition.unlock()
  }

  func take(_ route: Route) -> [UInt8] {
    condition.lock()
    defer { condition.unlock() }
    while messages[route, default: []].isEmpty { condition.wait() }
    return messages[route]!.removeFirst()
  }
}

private final class MailTransport: MessageTransport {
  let rank: Int
  let count: Int
  private let mail: Mail
  let sharedRegion: SharedRegion?

  init(rank: Int, count: Int, mail: Mail, sharedRegion: SharedRegion?) {
    self.sharedRegion = sharedRegion
    self.rank = rank
    self.count = count
    self.mail = mail
  }

  private final class Receive {
    let route: Route
    let bytes: UnsafeMutableRawPointer
    let count: Int

    init(_ route: Route, _ bytes: UnsafeMutableRawPointer, _ count: Int) {
      self.route = route
      self.bytes = bytes
      self.count = count
    }
  }

  func startSend(
    _ bytes: UnsafeRawPointer, count: Int, to rank: Int, on channel: MessageChannel
  ) -> MessageRequest {
    mail.put(
      Array(UnsafeRawBufferPointer(start: bytes, count: count)),
      Route(from: self.rank, to: rank, channel: channel.rawValue))
    return MessageRequest(handle: nil)
  }

  func startReceive(
    _ bytes: UnsafeMutableRawPointer, count: Int, from rank: Int, on channel: MessageChannel
  ) -> MessageRequest {
    let receive = Receive(
      Route(from: rank, to: self.rank, channel: channel.rawValue), bytes, count)
    return MessageRequest(handle: Unmanaged.passRetained(receive).toOpaque())
  }

  func wait(for request: MessageRequest, on channel: MessageChannel) {
    guard let handle = request.handle else { return }
    let receive = Unmanaged<Receive>.fromOpaque(handle).takeRetainedValue()
    let message = mail.take(receive.route)
    precondition(message.count == receive.count, "\(message.count) bytes for \(receive.count)")
    message.withUnsafeBytes { receive.bytes.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
  }
}
