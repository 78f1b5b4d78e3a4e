/// Why a mirror did not deliver a file.
public enum MirrorProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// Neither an https address nor an allowed address of this computer.
  case address(String)
  /// There is no connection; `reason` is a short explanation.
  case unreachable(reason: String)
  /// The mirror answered with a status other than success.
  case status(Int)
  case tooManyRedirections(limit: Int)
  /// A redirection to an address that is not secure.
  case redirection(String)
  /// The mirror encodes the file once more for the transfer, so the download could not be resumed.
  case encoding(String)
  /// The bytes of a resumed file are not the requested ones.
  case range(found: String, expected: String)
  /// A web page in place of the file, as sent by networks that require a sign-in.
  case page
  case size(found: Int, expected: Int)
  case tooLarge(limit: Int)
  /// `looksLike` names the kind of content, if it is known.
  case checksum(found: String, expected: String, looksLike: String?)
  /// The connection ended too early.
  case brokeOff(bytes: Int, expected: Int?)
  case stalled(seconds: Double, bytes: Int, expected: Int?)

  public var description: String {
    switch self {
    case .address(let text): "not a secure address (found “\(text)”, expected https://…)"
    case .unreachable(let reason): reason
    case .status(let status): "answered \(status)\(Self.meaning(of: status))"
    case .tooManyRedirections(let limit): "redirected more than \(limit) times"
    case .redirection(let target):
      "redirected to an address that is not secure (found “\(target)”, expected https://…)"
    case .encoding(let encoding): "sends the file packed as \(encoding) (expected it as it is)"
    case .range(let found, let expected):
      "sends another part of the file (found \(found), expected \(expected))"
    case .page: "sends a web page instead of the file; perhaps the network wants a sign-in"
    case .size(let found, let expected):
      "another file (found \(found) bytes, expected \(expected))"
    case .tooLarge(let limit): "another file (found more than \(limit) bytes)"
    case .checksum(let found, let expected, let looksLike):
      "another file (found SHA-256 \(found)\(looksLike.map { ", \($0)" } ?? ""), "
        + "expected \(expected))"
    case .brokeOff(let bytes, let expected):
      "the connection broke off (found \(bytes) bytes\(Self.expectation(expected)))"
    case .stalled(let seconds, let bytes, let expected):
      "nothing came for \(Self.text(seconds)) seconds (found \(bytes) bytes"
        + "\(Self.expectation(expected)))"
    }
  }

  private static func expectation(_ expected: Int?) -> String {
    expected.map { ", expected \($0)" } ?? ""
  }

  static func text(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
  }

  private static func meaning(of status: Int) -> String {
    switch status {
    case 403: " (forbidden)"
    case 404: " (not found)"
    case 410: " (gone)"
    case 429: " (too many requests)"
    case 500...599: " (a fault of the server)"
    default: ""
    }
  }
}
