/// Why a request is refused: the status code, and one sentence for the client.
public struct HTTPProblem: Error, Equatable, Sendable, CustomStringConvertible {
  public let status: Int
  public let message: String
  /// Additional header fields, such as `Allow`.
  public let headers: [String]

  /// - Parameter headers: lines of the form `Name: value`.
  public init(_ status: Int, _ message: String, headers: [String] = []) {
    self.status = status
    self.message = message
    self.headers = headers
  }

  public var description: String { message }

  /// The server has too much to do.
  public static func busy(_ message: String) -> HTTPProblem {
    HTTPProblem(503, message, headers: ["Retry-After: 1"])
  }
}
