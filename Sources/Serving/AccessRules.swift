import WebServer

/// Who may use the server.
///
/// Any page in a browser can send requests to 127.0.0.1, either by itself or through a name of its own
/// that points there (DNS rebinding). On a loopback address, a request must therefore name that
/// address or `localhost` as its host, and must not come from a page of another origin. Elsewhere it
/// must have the secret token, which another page does not know.
public struct AccessRules: Sendable {
  public enum TokenError: Error, Equatable, Sendable, CustomStringConvertible {
    case tooShort(found: Int)
    case badCharacter

    public var description: String {
      switch self {
      case .tooShort(let found):
        "the token is too short (found \(found) characters, expected at least \(shortestToken))"
      case .badCharacter:
        "the token has other characters than visible ASCII"
      }
    }
  }

  public static let shortestToken = 16

  private let host: HostAddress
  private let token: [UInt8]?

  /// - Parameter token: the secret, or nil for none.
  /// - Precondition: there is a token unless `host` is a loopback address.
  public init(_ host: HostAddress, token: String? = nil) throws(TokenError) {
    precondition(host.isLoopback || token != nil, "\(host.text) without a token")
    if let token {
      guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .badCharacter }
      guard token.utf8.count >= Self.shortestToken else { throw .tooShort(found: token.utf8.count) }
    }
    self.host = host
    self.token = token.map { Array($0.utf8) }
  }

  /// Refuses a request through another name than the server's own, or from a page of another origin.
  func checkOrigin(_ headers: HTTPHeaders) throws(HTTPProblem) {
    guard host.isLoopback else { return }
    let name = (headers["host"] ?? "").lowercased()
    guard isOwn(name) else {
      throw HTTPProblem(
        421,
        "Host: this server is not called “\(name)” (expected \(host.text) or localhost).")
    }
    if let origin = headers["origin"]?.lowercased() {
      guard origin == "http://\(name)" || origin == "https://\(name)" else {
        throw Self.foreignPage
      }
    }
    if let site = headers["sec-fetch-site"], headers["sec-fetch-mode"] != "navigate" {
      guard site == "same-origin" || site == "none" else { throw Self.foreignPage }
    }
  }

  /// Refuses a request without the token, if there is one.
  func checkToken(_ headers: HTTPHeaders) throws(HTTPProblem) {
    guard let token else { return }
    let words = (headers["authorization"] ?? "").split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer",
      Self.areEqual(Array(words[1].utf8), token)
    else {
      throw HTTPProblem(
        401, "The token is missing or wrong (expected “Authorization: Bearer TOKEN”).",
        headers: ["WWW-Authenticate: Bearer"])
    }
  }

  private static let foreignPage = HTTPProblem(
    403, "Requests of other web pages are refused.")

  /// True if `name`, with or without a port, is this computer's.
  private func isOwn(_ name: String) -> Bool {
    let names = ["localhost", "127.0.0.1", "[::1]", host.isVersion6 ? "[\(host.text)]" : host.text]
    return names.contains { own in
      guard name.hasPrefix(own) else { return false }
      let rest = name.dropFirst(own.count)
      return rest.isEmpty || rest.hasPrefix(":") && rest.dropFirst().allSatisfy(\.isNumber)
    }
  }

  /// Compares in a time that depends on the length of `found` alone, so that a token cannot be guessed
  /// character by character.
  static func areEqual(_ found: [UInt8], _ expected: [UInt8]) -> Bool {
    var difference = found.count ^ expected.count
    for (index, byte) in found.enumerated() {
      difference |= Int(byte ^ expected[index % expected.count])
    }
    return difference == 0
  }
}
