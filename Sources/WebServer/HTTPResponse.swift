import Files

/// An answer to a request.
public struct HTTPResponse: Sendable {
  public let status: Int
  public let contentType: String
  /// Additional header fields, of the form `Name: value`.
  public let headers: [String]
  public let body: [UInt8]

  public init(
    _ status: Int = 200, contentType: String, headers: [String] = [], body: [UInt8]
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }

  /// JSON on one line.
  public init(_ status: Int = 200, json: CanonicalJSON, headers: [String] = []) {
    self.init(
      status, contentType: "application/json", headers: headers,
      body: Array((json.text + "\n").utf8)
    )
  }

  /// `{"error":"…"}`
  public init(_ problem: HTTPProblem) {
    self.init(
      problem.status, json: ["error": .string(problem.message)], headers: problem.headers)
  }

  /// The bytes to send.
  ///
  /// - Parameters:
  ///   - connection: the value of the header field `Connection`; nil for none.
  ///   - withBody: false for an answer to HEAD, which has the header fields alone.
  func encoded(date: String, connection: String?, withBody: Bool) -> [UInt8] {
    var head = "HTTP/1.1 \(status) \(Self.reason(of: status))\r\nDate: \(date)\r\n"
    head += "Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
    head += "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
    for line in headers { head += line + "\r\n" }
    if let connection { head += "Connection: \(connection)\r\n" }
    head += "\r\n"
    return withBody ? Array(head.utf8) + body : Array(head.utf8)
  }

  private static func reason(of status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 421: "Misdirected Request"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}
