import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An HTTP/1.1 server (RFC 9110 and 9112) on one thread, for a few hundred clients.
///
/// It waits for all connections with `poll`, reads requests within ``ServerLimits``, and gives them to
/// an ``HTTPHandler``, which answers from any thread. A client that is slow, silent or broken takes one
/// connection, and its time is limited. If all connections are taken, a new client takes the place of
/// one that has sent no request.
public final class WebServer: @unchecked Sendable {
  /// The port at which the server listens.
  public let port: UInt16
  /// The connections now open.
  public var connectionCount: Int { openCount.load(ordering: .relaxed) }

  let limits: ServerLimits
  let handler: any HTTPHandler
  let mailbox: Mailbox
  private let openCount = Atomic<Int>(0)
  private let stops = Atomic<Bool>(false)

  // Only the thread of ``run(until:)`` uses what follows.
  private var listener: Int32?
  private var connections: [UInt64: Connection] = [:]
  private var nextID: UInt64 = 0
  private var date = HTTPDate()
  private var isStopping = false
  /// The time until which no connection is accepted, after the system refused to.
  private var acceptsAgainAt = 0.0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)

  /// Opens the address; clients can connect from now on, and are answered when ``run(until:)`` runs.
  ///
  /// - Parameter port: 0 for any free port.
  /// - Throws: ``ServerError``.
  public init(
    _ host: HostAddress, port: UInt16, limits: ServerLimits = ServerLimits(),
    handler: any HTTPHandler
  ) throws(ServerError) {
    mailbox = try Mailbox()
    let socket = try ListeningSocket(host, port: port)
    listener = socket.descriptor
    self.port = socket.port
    self.limits = limits
    self.handler = handler
  }

  deinit {
    for connection in connections.values { connection.close() }
    if let listener { close(listener) }
    buffer.deallocate()
  }

  /// Makes ``run(until:)`` accept no more connections, complete the requests that have begun, and
  /// return. Any thread may call it.
  public func stop() {
    stops.store(true, ordering: .sequentiallyConsistent)
    mailbox.wake()
  }

  /// Serves clients until ``stop()``, or until `isOver` returns true. It is asked five times a second.
  public func run(until isOver: () -> Bool = { false }) {
    var stopDeadline = Double.infinity
    while true {
      var now = monotonicSeconds()
      if !isStopping, stops.load(ordering: .sequentiallyConsistent) || isOver() {
        beginStop()
        stopDeadline = now + limits.stopSeconds
      }
      if isStopping, connections.isEmpty || now >= stopDeadline { break }
      let (polled, ids) = wait(until: min(stopDeadline, now + 0.2), now)
      now = monotonicSeconds()
      deliverAnswers(now)
      for (poll, id) in zip(polled.dropFirst(2), ids) where poll.revents != 0 {
        guard let connection = connections[id] else { continue }
        serve(connection, poll.revents, now)
      }
      if polled[1].revents != 0 { acceptAll(now) }
      expire(now)
    }
    for connection in connections.values { connection.close() }
    connections = [:]
    openCount.store(0, ordering: .relaxed)
  }

  /// Waits until a descriptor is ready, or for the next deadline.
  private func wait(until end: Double, _ now: Double) -> ([pollfd], [UInt64]) {
    let accepts = listener != nil && now >= acceptsAgainAt
    var polled = [
      pollfd(fd: mailbox.wakes, events: Int16(POLLIN), revents: 0),
      pollfd(fd: accepts ? listener! : -1, events: Int16(POLLIN), revents: 0),
    ]
    var ids: [UInt64] = []
    polled.reserveCapacity(connections.count + 2)
    ids.reserveCapacity(connections.count)
    var end = end
    for connection in connections.values {
      polled.append(
        pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
      ids.append(connection.id)
      end = min(end, connection.deadline)
    }
    let milliseconds = Int32(max(0, min(1000, ((end - now) * 1000).rounded(.up))))
    _ = poll(&polled, nfds_t(polled.count), milliseconds)
    return (polled, ids)
  }

  // MARK: Connections

  private func acceptAll(_ now: Double) {
    while let listener {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else {
        // Without free descriptors, the client waits in the system's queue.
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { acceptsAgainAt = now + 0.1 }
        if errno == EINTR || errno == ECONNABORTED { continue }
        return
      }
      makeNonBlocking(descriptor)
      var yes: Int32 = 1
      setsockopt(
        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      #if canImport(Darwin)
        setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
      #endif
      let isFull = connections.count >= limits.connections && !makeRoom(now)
      nextID += 1
      let connection = Connection(id: nextID, descriptor: descriptor, now: now, limits)
      guard connections.count < 2 * limits.connections else {
        connection.close()
        continue
      }
      connections[connection.id] = connection
      openCount.store(connections.count, ordering: .relaxed)
      if isFull {
        refuse(connection, .busy("All \(limits.connections) connections are in use."), now)
      }
    }
  }

  /// Closes a connection without a request: the one that has been idle longest, or else the one whose
  /// head has been arriving longest, if for more than a second.
  ///
  /// - Returns: false if there is none.
  private func makeRoom(_ now: Double) -> Bool {
    let candidates = connections.values.filter {
      $0.readsHead && ($0.isIdle || now - $0.beganAt > 1)
    }
    let victim = candidates.min {
      ($0.isIdle ? 0 : 1, $0.beganAt, $0.id) < ($1.isIdle ? 0 : 1, $1.beganAt, $1.id)
    }
    guard let victim else { return false }
    remove(victim)
    return true
  }

  private func remove(_ connection: Connection) {
    connection.close()
    connections[connection.id] = nil
    openCount.store(connections.count, ordering: .relaxed)
  }

  private func expire(_ now: Double) {
    for connection in connections.values where connection.deadline <= now {
      switch connection.state {
      case .head where !connection.isIdle:
        refuse(
          connection,
          HTTPProblem(408, "The request did not arrive within \(limits.headSeconds) s."), now)
      case .body:
        refuse(
          connection,
          HTTPProblem(408, "The body did not arrive within \(limits.bodySeconds) s."), now)
      case .handled: refuse(connection, .busy("The answer takes too long."), now)
      default: remove(connection)
      }
    }
  }

  private func beginStop() {
    isStopping = true
    if let listener { close(listener) }
    listener = nil
    for connection in connections.values where connection.isIdle { remove(connection) }
  }

  // MARK: Requests

  private func serve(_ connection: Connection, _ events: Int16, _ now: Double) {
    if events & Int16(POLLERR | POLLNVAL) != 0 { return remove(connection) }
    if connection.events == Int16(POLLOUT) {
      connection.writeMore(now: now)
    } else if connection.events == 0 {
      // The client has gone while the handler works for it.
      if events & Int16(POLLHUP) != 0 { remove(connection) }
      return
    } else if !connection.receive(buffer, now: now) {
      return remove(connection)
    }
    advance(connection, now)
  }

  /// Takes requests out of what the connection has received.
  private func advance(_ connection: Connection, _ now: Double) {
    while takeRequest(connection, now) {}
    if connection.isClosed || isStopping && connection.isIdle { remove(connection) }
  }

  /// Takes a request, or a part of it.
  ///
  /// - Returns: true if it was refused, and the client may have sent another one.
  private func takeRequest(_ connection: Connection, _ now: Double) -> Bool {
    var head: HTTPHead?
    var isRead = false
    do throws(HTTPProblem) {
      if let next = try connection.nextHead(now: now) {
        head = next
        isRead = next.framing == .length(0)
        try handler.check(next)
        try connection.beginBody(of: next, now: now)
      }
      head = head ?? connection.head
      if let request = try connection.readBody(now: now) {
        handler.respond(
          to: request, through: HTTPReply(mailbox: mailbox, connection: connection.id))
      } else if connection.bodyBytes > 0, bodyBytes > limits.allBodyBytes {
        throw .busy("The server holds too many bytes of other requests.")
      }
      return false
    } catch {
      refuse(connection, error, to: head, isLast: !isRead, now)
      return connection.readsHead && !connection.isIdle
    }
  }

  /// The bytes of all bodies.
  private var bodyBytes: Int { connections.values.reduce(0) { $0 + $1.bodyBytes } }

  /// Answers with the problem.
  ///
  /// - Parameter isLast: true to end the connection, if the rest of the request is not read.
  private func refuse(
    _ connection: Connection, _ problem: HTTPProblem, to head: HTTPHead? = nil,
    isLast: Bool = true, _ now: Double
  ) {
    let head = head ?? connection.head
    handler.didAnswer(
      head?.path, status: problem.status, seconds: connection.seconds(until: now))
    connection.answer(
      HTTPResponse(problem), to: head, isLast: isLast || isStopping, date: date.text, now: now)
    if connection.isClosed { remove(connection) }
  }

  private func deliverAnswers(_ now: Double) {
    for (id, response) in mailbox.take() {
      guard let connection = connections[id], case .handled(let head) = connection.state else {
        continue
      }
      handler.didAnswer(
        head.path, status: response.status, seconds: connection.seconds(until: now))
      connection.answer(response, to: head, isLast: isStopping, date: date.text, now: now)
      if connection.isClosed { remove(connection) } else { advance(connection, now) }
    }
  }
}
