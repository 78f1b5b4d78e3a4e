import Testing

@testable import Checkpoints

/// Headers whose description does not match the data.
extension SafetensorsBadInputTests {
  /// Headers that do not account for all bytes of data.
  static let covers: [(String, Int, String)] = [
    (entry("a", "2", "0,4"), 4, mismatch("[2]", found: 4, expected: 8)),
    (entry("a", "", "0,8"), 8, mismatch("[]", found: 8, expected: 4)),
    (entry("a", "0", "0,4"), 4, mismatch("[0]", found: 4, expected: 0)),
    (entry("a", "1", "0,5"), 5, mismatch("[1]", found: 5, expected: 4)),
    (entry("a", "2,3", "0,20"), 20, mismatch("[2, 3]", found: 20, expected: 24)),
    (
      entry("a", "9007199254740992", "0,4"), 4,
      mismatch("[9007199254740992]", found: 4, expected: 36_028_797_018_963_968)
    ),
    (
      entry("a", "1", "2,6"), 6,
      #"tensor "a": data is misaligned (found it at byte 2, expected a multiple of 4)"#
    ),
    (
      entry("a", "1", "1,5"), 5,
      #"tensor "a": data is misaligned (found it at byte 1, expected a multiple of 4)"#
    ),
    (entry("a", "1", "0,4"), 3, #"ends inside tensor "a" (found 3 bytes of data, expected 4)"#),
    (entry("a", "1", "0,4"), 0, #"ends inside tensor "a" (found 0 bytes of data, expected 4)"#),
    (
      entry("a", "2251799813685248", "0,9007199254740992"), 8,
      #"ends inside tensor "a" (found 8 bytes of data, expected 9007199254740992)"#
    ),
    (
      entry("a", "1", "9007199254740988,9007199254740992"), 8,
      #"ends inside tensor "a" (found 8 bytes of data, expected 9007199254740992)"#
    ),
    (
      entry("a", "1", "4,8"), 8,
      #"tensor "a": data lies behind a hole (found it at byte 4, expected 0)"#
    ),
    (
      entry("a", "1", "0,4") + "," + entry("b", "1", "8,12"), 12,
      #"tensor "b": data lies behind a hole (found it at byte 8, expected 4)"#
    ),
    (
      entry("a", "0", "4,4") + "," + entry("b", "0", "0,0"), 4,
      #"tensor "a": data lies behind a hole (found it at byte 4, expected 0)"#
    ),
    (
      entry("a", "1", "0,4") + "," + entry("b", "1", "0,4"), 4,
      #"tensor "b": data overlaps another's (found it at byte 0, expected 4)"#
    ),
    (
      entry("a", "2", "0,8") + "," + entry("b", "2", "4,12"), 12,
      #"tensor "b": data overlaps another's (found it at byte 4, expected 8)"#
    ),
    (
      entry("a", "4", "0,16") + "," + entry("b", "1", "4,8"), 16,
      #"tensor "b": data overlaps another's (found it at byte 4, expected 16)"#
    ),
    (
      entry("a", "1", "4,8") + "," + entry("b", "1", "0,4"), 8,
      #"tensors out of order (found "b" listed behind "a", expected the order of their data)"#
    ),
    (
      entry("a", "1", "0,4") + "," + entry("b", "1", "8,12") + "," + entry("c", "1", "4,8"), 12,
      #"tensors out of order (found "c" listed behind "b", expected the order of their data)"#
    ),
    (
      entry("a", "1", "0,4"), 5,
      "bytes after the last tensor (found 5 bytes of data, expected 4)"
    ),
    (
      entry("a", "1", "0,4"), 8,
      "bytes after the last tensor (found 8 bytes of data, expected 4)"
    ),
    (
      entry("a", "0", "0,0"), 4,
      "bytes after the last tensor (found 4 bytes of data, expected 0)"
    ),
  ]

  private static func mismatch(_ shape: String, found: Int, expected: Int) -> String {
    "tensor \"a\": data does not fill its shape \(shape)"
      + " (found \(found) bytes, expected \(expected))"
  }

  @Test(arguments: covers)
  func dataThatTheHeaderDoesNotCoverIsRefused(entries: String, data: Int, message: String) {
    #expect(failure(Self.file("{\(entries)}", data: data)) == message)
  }
}
