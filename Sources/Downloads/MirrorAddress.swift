#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Where to fetch a file from: an https address or, if that is asked for, one of this computer by http.
struct MirrorAddress: Equatable, CustomStringConvertible {
  let url: URL
  /// Whether http to this computer will do, which is for trying things out.
  private let allowsLoopback: Bool

  init(_ text: String, allowsLoopback: Bool) throws(MirrorProblem) {
    guard let url = URL(string: text, encodingInvalidCharacters: false) else {
      throw .address(text)
    }
    try self.init(url, allowsLoopback: allowsLoopback)
  }

  private init(_ url: URL, allowsLoopback: Bool) throws(MirrorProblem) {
    let text = url.absoluteString
    guard let scheme = url.scheme?.lowercased(), let host = url.host(), !host.isEmpty,
      url.user() == nil, url.password() == nil
    else { throw .address(text) }
    let isLoopback = ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host.lowercased())
    guard scheme == "https" || (scheme == "http" && isLoopback && allowsLoopback) else {
      throw .address(text)
    }
    self.url = url
    // Once the way has led over https, it stays there.
    self.allowsLoopback = scheme == "http"
  }

  /// Where a redirection to `location` leads.
  func following(_ location: String) throws(MirrorProblem) -> MirrorAddress {
    guard let target = URL(string: location, relativeTo: url)?.absoluteURL else {
      throw .redirection(location)
    }
    do throws(MirrorProblem) {
      return try MirrorAddress(target, allowsLoopback: allowsLoopback)
    } catch { throw .redirection(target.absoluteString) }
  }

  /// Whether it is https.
  var isSecure: Bool { !allowsLoopback }

  var description: String { url.absoluteString }
}
