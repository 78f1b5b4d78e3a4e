/// A request with its whole body.
public struct HTTPRequest: Sendable {
  public let head: HTTPHead
  public let body: [UInt8]
}
