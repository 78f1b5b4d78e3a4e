import TestSupport
import Testing

@testable import Files

@Suite struct StrictJSONTests {
  static let values: [(String, CanonicalJSON)] = [
    ("null", .null), ("true", .boolean(true)), (" false\n", .boolean(false)),
    ("0", .integer(0)), ("-7", .integer(-7)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)),
    ("1.5", .number(1.5)), ("1e3", .number(1000)), ("-2.5E-1", .number(-0.25)),
    ("1e+2", .number(100)), ("1.0", .number(1)), ("0.1", .number(0.1)),
    (#""""#, .string("")), (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{c}\n\r\t")),
    (#""\u0041\u00e9\u20AC\ud83d\ude00""#, .string("Aé€😀")),
    (#""é€😀""#, .string("é€😀")), (#""\u0000""#, .string("\0")),
    ("[]", []), ("[ 1 , [ ] , \"x\" ]", [1, [], "x"]),
    ("{}", [:]), (#"{ "b" : 1 , "a" : { } }"#, ["b": 1, "a": [:]]),
  ]

  @Test(arguments: values)
  func readsEveryKindOfValue(text: String, value: CanonicalJSON) throws {
    #expect(try StrictJSON.parse(text) == value)
  }

  @Test func minusZeroIsNoInteger() throws {
    guard case .number(let value) = try StrictJSON.parse("-0") else {
      Issue.record("an integer")
      return
    }
    #expect(value.sign == .minus && value == 0)
  }

  @Test func valuesAreLimited() throws {
    #expect(try StrictJSON.parse(Array("[1,[2]]".utf8)[...], valueLimit: 4) == [1, [2]])
    let error = #expect(throws: StrictJSONError.self) {
      try StrictJSON.parse(Array("[1,[2,3]]".utf8)[...], valueLimit: 4)
    }
    #expect(error?.description == "found more values by byte 6, expected at most 4")
  }

  static let faults: [(String, String)] = [
    ("", "ends early at byte 0"),
    ("  ", "ends early at byte 2"),
    ("{", "ends early at byte 1"),
    ("[1,", "ends early at byte 3"),
    ("\"ab", "ends early at byte 3"),
    ("\"ab\\", "ends early at byte 4"),
    (#""\u00"#, "ends early at byte 5"),
    ("tru", "ends early at byte 3"),
    ("1.", "ends early at byte 2"),
    ("-", "ends early at byte 1"),
    ("trux", "found 'x' at byte 3, expected 'true'"),
    ("nul1", "found '1' at byte 3, expected 'null'"),
    ("True", "found 'T' at byte 0, expected a value"),
    ("NaN", "found 'N' at byte 0, expected a value"),
    ("-Infinity", "found 'I' at byte 1, expected a digit"),
    ("+1", "found '+' at byte 0, expected a value"),
    (".5", "found '.' at byte 0, expected a value"),
    ("1.e3", "found 'e' at byte 2, expected a digit"),
    ("1ex", "found 'x' at byte 2, expected a digit"),
    ("01", "found '1' at byte 1, expected nothing more"),
    ("0x10", "found 'x' at byte 1, expected nothing more"),
    ("1e999", "the number at byte 0 is too large"),
    ("[1,]", "found ']' at byte 3, expected a value"),
    ("[1 2]", "found '2' at byte 3, expected ',' or ']'"),
    ("[,1]", "found ',' at byte 1, expected a value"),
    (#"{"a":1,}"#, "found '}' at byte 7, expected a key"),
    (#"{"a":1 "b":2}"#, "found '\"' at byte 7, expected ',' or '}'"),
    (#"{"a" 1}"#, "found '1' at byte 5, expected ':'"),
    ("{1:2}", "found '1' at byte 1, expected a key"),
    ("{'a':1}", "found ''' at byte 1, expected a key"),
    ("[1] []", "found '[' at byte 4, expected nothing more"),
    ("1 // one", "found '/' at byte 2, expected nothing more"),
    ("\u{feff}1", "found 0xef at byte 0, expected a value"),
    ("[1,\u{c}2]", "found 0x0c at byte 3, expected a value"),
    ("\"a\nb\"", "found the control character 0x0a in a string at byte 2"),
    (#""\x41""#, "the escape at byte 1 is none that JSON knows"),
    (#""\u00g0""#, "the escape at byte 1 is none that JSON knows"),
    (#""\u+041""#, "the escape at byte 1 is none that JSON knows"),
    (#""\ud83d""#, "the escape at byte 1 is half of a surrogate pair"),
    (#""\ude00""#, "the escape at byte 1 is half of a surrogate pair"),
    (#""\ud83d\u0041""#, "the escape at byte 1 is half of a surrogate pair"),
    (#"{"a":1,"a":2}"#, "the key \"a\" appears twice, again at byte 7"),
    (#"{"a":1,"\u0061":2}"#, "the key \"a\" appears twice, again at byte 7"),
    (#"[{"a":{"b":1,"b":1}}]"#, "the key \"b\" appears twice, again at byte 13"),
    // The same letter as one scalar and as two, which are equal in Swift's strings.
    ("{\"\u{e9}\":1,\"e\u{301}\":2}", "the key \"e\u{301}\" appears twice, again at byte 8"),
  ]

  @Test(arguments: faults)
  func invalidTextsAreRefused(text: String, message: String) {
    #expect(failure(Array(text.utf8)) == message)
  }

  @Test(
    arguments: [
      [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xe2, 0x82, 0x22], [0x22, 0xf5, 0x80, 0x80, 0x80, 0x22],
    ] as [[UInt8]])
  func refusesStringsThatAreNotUTF8(bytes: [UInt8]) {
    #expect(failure(bytes) == "the string at byte 0 is not UTF-8")
  }

  @Test func limitsDepth() {
    let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(failure(Array(deep.utf8)) == nil)
    #expect(failure(Array("[\(deep)]".utf8)) == "more than 32 levels deep at byte 32")
    let bomb = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(failure(bomb) == "more than 32 levels deep at byte 32")
  }

  @Test func countsOffsetsFromTheStartOfASlice() {
    let error = StrictJSONError(offset: 1, problem: .unexpected(0x78, expected: "nothing more"))
    #expect(throws: StrictJSONError(offset: 1, problem: .bytesAfterEnd(0x78))) {
      try StrictJSON.parse(Array("....1x".utf8)[4...])
    }
    #expect(error.description == "found 'x' at byte 1, expected nothing more")
  }

  @Test func mutatedTextsNeverTrap() throws {
    let text = #"{"a":[1,-2.5e3,null,true],"b\n":{"c":"é\u20ac\ud83d\ude00","d":[[],{}]},"e":0}"#
    let words = ["{", "}", "[", "]", "\"", "\\u", "\\ud800", ",", ":", "-", "1e9", "null", "\u{0}"]
    var random = SplitMix64(seed: 1)
    var accepted = 0
    for _ in 0..<20_000 {
      let bytes = random.mutation(of: Array(text.utf8), words: words)
      guard let value = try? StrictJSON.parse(bytes[...]) else { continue }
      accepted += 1
      // Accepted text has the same value after it is written and read again.
      #expect(try StrictJSON.parse(value.text) == value)
    }
    #expect(accepted > 100 && accepted < 15_000)
  }

  private func failure(_ bytes: [UInt8]) -> String? {
    do throws(StrictJSONError) {
      _ = try StrictJSON.parse(bytes[...])
      return nil
    } catch { return error.description }
  }
}

@Suite struct CanonicalJSONTests {
  static let texts: [(CanonicalJSON, String)] = [
    (.null, "null"), (true, "true"), (-3, "-3"), (0.1, "0.1"), (.number(1), "1.0"),
    (.number(1e-7), "1e-07"), (.number(1e22), "1e+22"), (.number(-0.0), "-0.0"),
    (.float(0.1), "0.1"), (.float(1 / 3), "0.33333334"), (.number(1 / 3), "0.3333333333333333"),
    (.number(.nan), "null"), (.number(.infinity), "null"), (.float(-.infinity), "null"),
    (
      "a\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é\r\n", #""a\"\\/\b\f\n\r\t\u0001\u001f\#u{7f}é\r\n""#
    ),
    ([], "[]"), ([1, ["x"]], #"[1,["x"]]"#), ([:], "{}"),
    (["b": 1, "a": [["d": 2, "c": 3]]], #"{"b":1,"a":[{"d":2,"c":3}]}"#),
  ]

  @Test(arguments: texts)
  func writesCanonicalText(value: CanonicalJSON, text: String) {
    #expect(value.text == text)
  }

  @Test func sortsKeysByTheirBytes() {
    let value: CanonicalJSON = ["é": 1, "b": [["d": 2, "c": 3]], "B": 4, "z": 5, "": 6]
    #expect(value.sorted.text == #"{"":6,"B":4,"b":[{"c":3,"d":2}],"z":5,"é":1}"#)
  }

  @Test func indentsForPeople() {
    let value: CanonicalJSON = ["a": [1, ["b": []]], "c": [:]]
    #expect(
      value.indentedText == """
        {
          "a": [
            1,
            {
              "b": []
            }
          ],
          "c": {}
        }

        """)
  }

  @Test func numbersReadBackToTheSameBits() throws {
    var random = SplitMix64(seed: 2)
    for _ in 0..<10_000 {
      let double = Double(bitPattern: random.next())
      if double.isFinite,
        case .number(let read) = try StrictJSON.parse(
          CanonicalJSON.number(double).text)
      {
        #expect(read.bitPattern == double.bitPattern)
      }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if float.isFinite {
        #expect(Float(CanonicalJSON.float(float).text)?.bitPattern == float.bitPattern)
      }
    }
  }

  @Test func findsMembers() {
    let value: CanonicalJSON = ["a": 1]
    #expect(value["a"] == 1)
    #expect(value["b"] == nil)
    #expect(CanonicalJSON.array([])["a"] == nil)
  }
}
