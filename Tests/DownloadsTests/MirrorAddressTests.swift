import Testing

@testable import Downloads

@Suite struct MirrorAddressTests {
  @Test(arguments: [
    "https://example.com/a", "HTTPS://example.com", "http://127.0.0.1:8000/", "http://localhost/",
    "http://[::1]:8000/",
  ])
  func httpsAndLocalHTTPAreAllowed(text: String) throws {
    #expect(throws: Never.self) { try MirrorAddress(text, allowsLoopback: true) }
  }

  @Test(arguments: ["http://127.0.0.1/", "http://localhost/", "http://[::1]/"])
  func httpHereOnlyWhereAllowed(text: String) {
    #expect(throws: MirrorProblem.address(text)) {
      try MirrorAddress(text, allowsLoopback: false)
    }
  }

  /// The target of a redirection; nil if it must not be followed.
  @Test(arguments: [
    ("https://a.org/x/y", "z?q=1", "https://a.org/x/z?q=1"),
    ("https://a.org/x/y", "/z", "https://a.org/z"),
    ("https://a.org/x", "https://b.org/y", "https://b.org/y"),
    ("https://a.org/x", "//b.org/y", "https://b.org/y"),
    ("https://a.org/x", "http://a.org/x", nil), ("https://a.org/x", "http://127.0.0.1/x", nil),
    ("https://a.org/x", "https://me:secret@b.org/y", nil),
    ("https://a.org/x", "ftp://a.org/x", nil),
    ("http://127.0.0.1/x", "https://a.org/x", "https://a.org/x"),
    ("http://127.0.0.1/x", "http://localhost:1/x", "http://localhost:1/x"),
    ("http://127.0.0.1/x", "http://a.org/x", nil),
  ])
  func redirectionsLeadToAllowedAddresses(from: String, location: String, target: String?) throws {
    let start = try MirrorAddress(from, allowsLoopback: true)
    let reached = try? start.following(location)
    #expect(reached?.description == target)
  }

  /// After https no redirection leads to http, not even in two steps.
  @Test func httpsNeverLeadsBackToHTTP() throws {
    let start = try MirrorAddress("http://127.0.0.1/x", allowsLoopback: true)
    let second = try start.following("https://127.0.0.1/x")
    #expect(throws: MirrorProblem.redirection("http://127.0.0.1/x")) {
      try second.following("http://127.0.0.1/x")
    }
  }
}
