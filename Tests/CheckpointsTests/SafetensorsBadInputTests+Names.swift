import Testing

@testable import Checkpoints

extension SafetensorsBadInputTests {
  @Test(arguments: [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]] as [[UInt8]])
  func refusesNamesThatAreNotUTF8(name: [UInt8]) {
    let header = Array("{\"".utf8) + name + Array("\":{}}".utf8)
    let padding = [UInt8](repeating: 0x20, count: 16 - header.count)
    #expect(
      failure(Self.length(16) + header + padding)
        == "damaged header (the string at byte 1 is not UTF-8)")
  }

  @Test func refusesALongHeaderThatIsThere() {
    #expect(
      failure(Self.file("{" + String(repeating: " ", count: 1_048_583) + "}"))
        == "the header is too long (found 1048592 bytes, expected at most 1048576)")
  }

  /// The limits themselves are accepted.
  @Test func takesTheLargestAndSmallest() throws {
    #expect(failure(Self.file("{}")) == nil)
    #expect(failure(Self.file(#"{"__metadata__":{}}"#)) == nil)
    let header = "{" + Self.entry("a", "0,9007199254740992", "0,0") + "}"
    #expect(failure(Self.file(header)) == nil)
    let wide = header + String(repeating: " ", count: 1_048_576 - header.utf8.count)
    #expect(failure(Self.file(wide)) == nil)
  }

  func failure(_ bytes: [UInt8]) -> String? {
    do throws(SafetensorsError) {
      _ = try Safetensors.decode(bytes)
      return nil
    } catch { return error.description }
  }
}
