/// What a ``WebServer`` does with requests. All functions are called on the server's thread and must
/// return at once.
public protocol HTTPHandler: AnyObject {
  /// Checks the head of a request before its body is read.
  ///
  /// - Throws: ``HTTPProblem`` to refuse the request.
  func check(_ head: HTTPHead) throws(HTTPProblem)

  /// Answers the request through `reply`, now or later, from any thread.
  func respond(to request: HTTPRequest, through reply: HTTPReply)

  /// Hears of every answer, also of those that the server gives itself.
  ///
  /// - Parameters:
  ///   - path: nil if the request had no head that could be read.
  ///   - seconds: the time since the head of the request was complete.
  func didAnswer(_ path: String?, status: Int, seconds: Double)
}

/// The place for the answer to one request.
public struct HTTPReply: Sendable {
  let mailbox: Mailbox
  let connection: UInt64

  /// Sends the answer. Only the first call counts; after the client has gone, none does.
  public func send(_ response: HTTPResponse) { mailbox.post(response, to: connection) }
}
