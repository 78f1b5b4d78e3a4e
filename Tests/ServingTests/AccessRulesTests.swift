import Foundation
import Testing

@testable import Serving
@testable import WebServer

@Suite struct AccessRulesTests {
  private func headers(_ lines: String...) throws -> HTTPHeaders {
    let text = "GET / HTTP/1.1\r\n" + lines.map { $0 + "\r\n" }.joined()
    return try HTTPHead(Array(text.utf8)[...]).headers
  }

  private let loopback = HostAddress("127.0.0.1")!

  @Test(arguments: [
    "localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:9", "[::1]:80",
  ])
  func ownNamesAreKnown(_ name: String) throws {
    try AccessRules(loopback).checkOrigin(headers("Host: \(name)"))
    try AccessRules(loopback).checkOrigin(
      headers("Host: \(name)", "Origin: http://\(name)", "Sec-Fetch-Site: same-origin"))
  }

  @Test(arguments: [
    "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "",
    "localhost:80x", "192.168.0.1", "localhost@evil", "127.0.0.10",
  ])
  func otherNamesAreRefused(_ name: String) throws {
    let error = #expect(throws: HTTPProblem.self) {
      try AccessRules(loopback).checkOrigin(headers("Host: \(name)"))
    }
    #expect(error?.status == 421)
  }

  @Test(arguments: [
    "Origin: http://evil.example", "Origin: null", "Origin: http://localhost:8081",
    "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site",
  ])
  func otherPagesAreRefused(_ line: String) throws {
    let error = #expect(throws: HTTPProblem.self) {
      try AccessRules(loopback).checkOrigin(headers("Host: localhost:8080", line))
    }
    #expect(error?.status == 403)
  }

  @Test func linksFromOtherPagesOpenThePage() throws {
    try AccessRules(loopback).checkOrigin(
      headers("Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"))
  }

  @Test func theTokenIsNeeded() throws {
    let secret = "0123456789abcdef"
    let rules = try AccessRules(HostAddress("0.0.0.0")!, token: secret)
    try rules.checkOrigin(headers("Host: any.example"))
    try rules.checkToken(headers("Host: a", "Authorization: bearer \(secret)"))
    for line in [
      "X: y", "Authorization: \(secret)", "Authorization: Bearer", "Authorization: Basic \(secret)",
      "Authorization: Bearer \(secret)0", "Authorization: Bearer 0123456789abcde",
      "Authorization: Bearer 0123456789abcdeF", "Authorization: Bearer \(secret)\(secret)",
    ] {
      let error = #expect(throws: HTTPProblem.self) {
        try rules.checkToken(headers("Host: a", line))
      }
      #expect(error?.status == 401 && error?.headers == ["WWW-Authenticate: Bearer"], "\(line)")
    }
    try AccessRules(loopback).checkToken(headers("Host: a"))
    #expect(throws: AccessRules.TokenError.tooShort(found: 3)) {
      try AccessRules(loopback, token: "abc")
    }
    #expect(throws: AccessRules.TokenError.badCharacter) {
      try AccessRules(loopback, token: "0123456789 abcdef")
    }
  }

  @Test func equalityHasNoExceptions() {
    let words = [[], [0], [1], [0, 0], [1, 2], [1, 2, 1, 2], [255]] as [[UInt8]]
    for found in words {
      for expected in words where !expected.isEmpty {
        #expect(AccessRules.areEqual(found, expected) == (found == expected))
      }
    }
  }
}
