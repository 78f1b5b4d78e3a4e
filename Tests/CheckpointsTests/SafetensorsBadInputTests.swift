import Testing

@testable import Checkpoints

@Suite struct SafetensorsBadInputTests {
  /// A file with the padded `header` and `data` bytes of data.
  static func file(_ header: String, data: Int = 0) -> [UInt8] {
    var bytes = Array(header.utf8)
    while bytes.count % 8 != 0 { bytes.append(0x20) }
    return length(UInt64(bytes.count)) + bytes + [UInt8](repeating: 0, count: data)
  }

  static func length(_ count: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
  }

  /// The description of a tensor.
  static func entry(_ name: String, _ shape: String, _ offsets: String) -> String {
    #""\#(name)":{"dtype":"F32","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
  }

  static let frames: [([UInt8], String)] = [
    ([], "too short for a safetensors file (found 0 bytes, expected at least 8)"),
    (
      [8, 0, 0, 0, 0, 0, 0], "too short for a safetensors file (found 7 bytes, expected at least 8)"
    ),
    (length(0), "the header is empty (expected a JSON object)"),
    (length(0) + [0x7b, 0x7d], "the header is empty (expected a JSON object)"),
    (
      length(16) + Array("{}      ".utf8),
      "ends inside its header (found 8 of its bytes, expected 16)"
    ),
    (length(1_048_576), "ends inside its header (found 0 of its bytes, expected 1048576)"),
    (length(1_048_577), "the header is too long (found 1048577 bytes, expected at most 1048576)"),
    (
      length(.max) + [0x7b],
      "the header is too long (found 18446744073709551615 bytes, expected at most 1048576)"
    ),
    (
      length(1 << 63) + [0x7b],
      "the header is too long (found 9223372036854775808 bytes, expected at most 1048576)"
    ),
    (
      length(2) + Array("{}".utf8),
      "the header is misaligned (found 2 bytes, expected a multiple of 8)"
    ),
    (
      length(8) + Array(" {}     ".utf8),
      "the header is not a JSON object (found the byte 32, expected '{')"
    ),
    (file("[]"), "the header is not a JSON object (found the byte 91, expected '{')"),
    (file("null"), "the header is not a JSON object (found the byte 110, expected '{')"),
    (
      length(8) + [0xef, 0xbb, 0xbf] + Array("{}   ".utf8),
      "the header is not a JSON object (found the byte 239, expected '{')"
    ),
    (
      Array("PK\u{3}\u{4}\u{0}\u{0}\u{8}\u{8}.....".utf8),
      "not a safetensors file (found what looks like a zip archive, such as PyTorch's .pt and .pth)"
    ),
    (
      [0x80, 0x02, 0x7d, 0x71, 0x00, 0x28, 0x58, 0x0b, 0x00],
      "not a safetensors file (found what looks like a Python pickle)"
    ),
    (
      [0x1f, 0x8b, 8, 0, 0, 0, 0, 1, 2, 3],
      "not a safetensors file (found what looks like gzip data)"
    ),
    (
      [0x89] + Array("HDF\r\n\u{1a}\n".utf8),
      "not a safetensors file (found what looks like an HDF5 file)"
    ),
    (
      [0x93] + Array("NUMPY\u{1}\u{0}v\u{0}".utf8),
      "not a safetensors file (found what looks like a NumPy array)"
    ),
    (
      Array("GGUF\u{3}\u{0}\u{0}\u{0}....".utf8),
      "not a safetensors file (found what looks like a GGUF file)"
    ),
    (
      Array("<!DOCTYPE html>".utf8),
      "not a safetensors file (found what looks like HTML or XML)"
    ),
    (
      Array("version https://git-lfs".utf8),
      "not a safetensors file (found what looks like a Git LFS pointer)"
    ),
    (file("{}", data: 1), "bytes after the last tensor (found 1 bytes of data, expected 0)"),
  ]

  @Test(arguments: frames)
  func invalidFramesAreRefused(bytes: [UInt8], message: String) {
    #expect(failure(bytes) == message)
  }

  /// Headers that are invalid for any data.
  static let headers: [(String, String)] = [
    ("{", "damaged header (ends early at byte 8)"),
    (#"{"a":}"#, "damaged header (found '}' at byte 5, expected a value)"),
    ("{} {}", "damaged header (found '{' at byte 3, expected nothing more)"),
    ("{}\0\0\0\0\0\0", "damaged header (found 0x00 at byte 2, expected nothing more)"),
    (#"{"a":NaN}"#, "damaged header (found 'N' at byte 5, expected a value)"),
    (#"{"a":1e999}"#, "damaged header (the number at byte 5 is too large)"),
    (
      "{\"a\u{1}\":1}",
      "damaged header (found the control character 0x01 in a string at byte 3)"
    ),
    (#"{"\ud800":1}"#, "damaged header (the escape at byte 2 is half of a surrogate pair)"),
    (
      "{\(entry("a", "1", "0,4")),\(entry("a", "1", "0,4"))}",
      #"damaged header (the key "a" appears twice, again at byte 54)"#
    ),
    (
      #"{"__metadata__":{},"__metadata__":{}}"#,
      #"damaged header (the key "__metadata__" appears twice, again at byte 19)"#
    ),
    (
      #"{"__metadata__":{"k":"1","k":"2"}}"#,
      #"damaged header (the key "k" appears twice, again at byte 25)"#
    ),
    (
      #"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      #"damaged header (the key "dtype" appears twice, again at byte 20)"#
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#,
      #"damaged header (the key "shape" appears twice, again at byte 32)"#
    ),
    (
      "{\"\u{e9}\":{},\"e\u{301}\":{}}",
      "damaged header (the key \"e\u{301}\" appears twice, again at byte 9)"
    ),
    (
      #"{"a":{"shape":[[1]]}}"#,
      "damaged header (more than 3 levels deep at byte 15)"
    ),
    (
      "{\"a\":" + String(repeating: "[", count: 500_000),
      "damaged header (more than 3 levels deep at byte 7)"
    ),
    (
      String(repeating: #"{"a":"#, count: 100_000),
      "damaged header (more than 3 levels deep at byte 15)"
    ),
    (#"{"__metadata__":null}"#, "__metadata__ is not an object (expected strings by key)"),
    (#"{"__metadata__":["a"]}"#, "__metadata__ is not an object (expected strings by key)"),
    (#"{"__metadata__":"a"}"#, "__metadata__ is not an object (expected strings by key)"),
    (
      #"{"__metadata__":{"step":5}}"#,
      #"__metadata__ holds something else under "step" (expected a string)"#
    ),
    (
      #"{"__metadata__":{"a":"b","c":null}}"#,
      #"__metadata__ holds something else under "c" (expected a string)"#
    ),
    (
      #"{"__metadata__":{"a":{"b":"c"}}}"#,
      #"__metadata__ holds something else under "a" (expected a string)"#
    ),
    (#"{"a":1}"#, #"tensor "a" is not described by an object"#),
    (#"{"a":null}"#, #"tensor "a" is not described by an object"#),
    (#"{"a":["F32",[1],[0,4]]}"#, #"tensor "a" is not described by an object"#),
    (#"{"a\n\u001b[2J":1}"#, #"tensor "a\u{a}\u{1b}[2J" is not described by an object"#),
    (
      "{\"" + String(repeating: "n", count: 200) + "\":1}",
      "tensor \"" + String(repeating: "n", count: 80) + "…\" is not described by an object"
    ),
    (#"{"a":{}}"#, #"tensor "a": no dtype"#),
    (#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, #"tensor "a": no dtype"#),
    (#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, #"tensor "a": no shape"#),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, #"tensor "a": no data_offsets"#),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"strides":[1]}}"#,
      #"tensor "a": unknown field "strides" (expected dtype, shape and data_offsets)"#
    ),
    (
      #"{"a":{"Dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      #"tensor "a": unknown field "Dtype" (expected dtype, shape and data_offsets)"#
    ),
    (
      #"{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}"#,
      #"tensor "a": unknown dtype (found "f32", expected "F32")"#
    ),
    (
      #"{"a":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}"#,
      #"tensor "a": unknown dtype (found "F33", expected "F32")"#
    ),
    (
      #"{"a":{"dtype":"","shape":[1],"data_offsets":[0,4]}}"#,
      #"tensor "a": unknown dtype (found "", expected "F32")"#
    ),
    (
      #"{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}"#,
      #"tensor "a": unknown dtype (found 32, expected "F32")"#
    ),
    (
      #"{"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}}"#,
      #"tensor "a": unknown dtype (found a list, expected "F32")"#
    ),
    (
      #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
      #"tensor "a": dtype not supported (found F64, expected F32)"#
    ),
    (
      #"{"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}"#,
      #"tensor "a": dtype not supported (found BF16, expected F32)"#
    ),
    (
      #"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#,
      #"tensor "a": dtype not supported (found I64, expected F32)"#
    ),
    (
      #"{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}"#,
      #"tensor "a": shape is not a list of numbers"#
    ),
    (
      #"{"a":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}"#,
      #"tensor "a": shape is not a list of numbers"#
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":{"0":4}}}"#,
      #"tensor "a": data_offsets is not a list of numbers"#
    ),
    ("{\(entry("a", "1", ""))}", number("data_offsets", count: 0)),
    ("{\(entry("a", "1", "0"))}", number("data_offsets", count: 1)),
    ("{\(entry("a", "1", "0,4,8"))}", number("data_offsets", count: 3)),
    ("{\(entry("a", "-1", "0,4"))}", number("shape", "-1")),
    ("{\(entry("a", "2,-2", "0,4"))}", number("shape", "-2")),
    ("{\(entry("a", "-0", "0,4"))}", number("shape", "-0.0")),
    ("{\(entry("a", "1.0", "0,4"))}", number("shape", "1.0")),
    ("{\(entry("a", "1.5", "0,4"))}", number("shape", "1.5")),
    ("{\(entry("a", "1e0", "0,4"))}", number("shape", "1.0")),
    ("{\(entry("a", "9007199254740993", "0,4"))}", number("shape", "9007199254740993")),
    ("{\(entry("a", "9223372036854775807", "0,4"))}", number("shape", "9223372036854775807")),
    ("{\(entry("a", "18446744073709551616", "0,4"))}", number("shape", "1.8446744073709552e+19")),
    ("{\(entry("a", "\"1\"", "0,4"))}", number("shape", "\"1\"")),
    ("{\(entry("a", "true", "0,4"))}", number("shape", "true")),
    ("{\(entry("a", "null", "0,4"))}", number("shape", "null")),
    ("{\(entry("a", "1", "-4,0"))}", number("data_offsets", "-4")),
    ("{\(entry("a", "1", "0,4.5"))}", number("data_offsets", "4.5")),
    ("{\(entry("a", "1", "0,4e0"))}", number("data_offsets", "4.0")),
    ("{\(entry("a", "1", "0,9007199254740993"))}", number("data_offsets", "9007199254740993")),
    ("{\(entry("a", "1", "0,\"4\""))}", number("data_offsets", "\"4\"")),
    ("{\(entry("a", "1", "4,0"))}", #"tensor "a": ends before it begins (found bytes 4 to 0)"#),
    (
      "{\(entry("a", "4294967296,4294967296", "0,4"))}",
      #"tensor "a": more elements than can be counted (found shape [4294967296, 4294967296])"#
    ),
    (
      "{\(entry("a", "9007199254740992,1024,0", "0,0"))}",
      #"tensor "a": more elements than can be counted (found shape [9007199254740992, 1024, 0])"#
    ),
    (
      "{\(entry("a", "9,9,9,9,9,9,9,9,9007199254740992", "0,0"))}",
      #"tensor "a": more elements than can be counted (found shape [9, 9, 9, 9, 9, 9, 9, 9, …])"#
    ),
  ]

  static func number(_ field: String, _ found: String) -> String {
    "tensor \"a\": bad number in \(field) (found \(found), expected a whole number from 0 to 2^53)"
  }

  static func number(_ field: String, count: Int) -> String {
    "tensor \"a\": bad \(field) (found \(count) numbers, expected 2)"
  }

  @Test(arguments: headers)
  func invalidHeadersAreRefused(header: String, message: String) {
    #expect(failure(Self.file(header, data: 4)) == message)
  }
}
