import Files
import Foundation
import Testing

@Suite struct Base64Tests {
  /// The vectors of RFC 4648, section 10, and Foundation's text for all lengths.
  @Test func textIsAsPublished() {
    for (text, expected) in [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ] { #expect(Base64.encode(Array(text.utf8)) == expected) }
    for count in 0..<100 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 151 + count) }
      #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
    }
  }
}
