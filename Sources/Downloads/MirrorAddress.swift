#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The address of a file: https, or http on this computer if that is allowed.
struct MirrorAddress: Equatable, CustomStringConvertible {
  let url: URL
  /// True if http to this computer is allowed, for tests and trials.
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
    // After a step over https, a redirection to http is not allowed.
    self.allowsLoopback = scheme == "http"
  }

  /// The address that a redirection to `location` leads to.
  func following(_ location: String) throws(MirrorProblem) -> MirrorAddress {
    guard let target = URL(string: location, relativeTo: url)?.absoluteURL else {
      throw .redirection(location)
    }
    do throws(MirrorProblem) {
      return try MirrorAddress(target, allowsLoopback: allowsLoopback)
    } catch { throw .redirection(target.absoluteString) }
  }

  /// True if the address is https.
  var isSecure: Bool { !allowsLoopback }

  var description: String { url.absoluteString }
}
