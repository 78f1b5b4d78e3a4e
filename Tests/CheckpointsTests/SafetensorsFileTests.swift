import Testing

@testable import Checkpoints
@testable import Files

/// Files of other programs, read by the format's own rules.
@Suite struct SafetensorsFileTests {
  private static let fixtures =
    String(#filePath.dropLast("SafetensorsFileTests.swift".count)) + "Fixtures/"

  private func fixture(_ name: String) throws -> [UInt8] {
    try InputFile.read(Self.fixtures + name, limit: 1 << 16)
  }

  private func values(_ name: String, in file: SafetensorsFile) throws -> [Float] {
    try file.values(of: try #require(file.entries.first { $0.name == name }))
  }

  /// A file of one tensor.
  static func file(_ dtype: String, shape: [Int], data: [UInt8]) -> [UInt8] {
    let header =
      #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":[0,\#(data.count)]}}"#
    return SafetensorsBadInputTests.length(UInt64(header.utf8.count)) + Array(header.utf8) + data
  }

  // MARK: Comparison with the format's reader

  /// Files that the format's reader accepts and this one refuses.
  private static let refused = [
    // The format's reader keeps the last of two tensors with one name.
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
      + #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
    // A list in place of an object, which no program writes.
    #"{"a":["F32",[1],[0,4]]}"#,
  ]

  /// The results of the safetensors package; `scripts/make-safetensors-fixture` recomputes them.
  @Test func takesWhatTheFormatsReaderTakes() throws {
    guard case .array(let cases) = try StrictJSON.parse(fixture("reference-verdicts.json")[...])
    else {
      Issue.record("the verdicts are no list")
      return
    }
    #expect(cases.count > 100)
    for item in cases {
      guard case .string(let header)? = item["header"], case .integer(let data)? = item["data"],
        case .boolean(let accepted)? = item["accepted"]
      else {
        Issue.record("\(item.text) is no verdict")
        continue
      }
      let bytes =
        SafetensorsBadInputTests.length(UInt64(header.utf8.count)) + Array(header.utf8)
        + [UInt8](repeating: 0, count: data)
      let isTaken = (try? SafetensorsFile(bytes)) != nil
      #expect(isTaken == (accepted && !Self.refused.contains(header)), "\(header)")
    }
  }

  /// A header of tiny values costs a bounded amount of memory, however long it is.
  @Test func aHeaderOfTooManyValuesIsRefused() {
    let list = [UInt8](repeating: UInt8(ascii: "0"), count: 1) + Array(",0".utf8)
    var header = Array(#"{"a":["#.utf8) + list
    header.reserveCapacity(20_000_000)
    while header.count < 20_000_000 { header += [UInt8(ascii: ","), UInt8(ascii: "0")] }
    header += Array("]}".utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(length + header) }
    guard case .json(let json)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(json.problem == .tooMany(limit: 1_000_000))
  }

  @Test func headersMayHave100MB() {
    let long = SafetensorsBadInputTests.length(100_000_001) + Array("{}".utf8)
    #expect(
      throws: SafetensorsError.headerTooLong(
        bytes: 100_000_001, limit: 100_000_000, looksLike: nil)
    ) { try SafetensorsFile(long) }
    // No memory of that length is allocated, because the file is shorter.
    let cut = SafetensorsBadInputTests.length(100_000_000) + Array("{}".utf8)
    #expect(throws: SafetensorsError.headerPastEnd(bytes: 100_000_000, available: 2)) {
      try SafetensorsFile(cut)
    }
  }

  // MARK: Values

  /// PyTorch wrote the same fractions and whole numbers in each type.
  @Test func readsEveryTypeOfWeights() throws {
    let file = try SafetensorsFile(fixture("dtypes.safetensors"))
    #expect(file.metadata.isEmpty)
    let third = 1.0 / 3
    #expect(
      try values("f64", in: file) == [
        0, -0.0, 1, -1.5, 0x1p-24, Float(6e-5), 65504, Float(third),
      ])
    #expect(try values("f32", in: file) == values("f64", in: file))
    #expect(
      try values("f16", in: file) == [0, 0, 1, -1.5, 0x1p-24, 0x1.f78p-15, 65504, 0x1.554p-2])
    #expect(
      try values("bf16", in: file) == [0, 0, 1, -1.5, 0x1p-24, 0x1.f8p-15, 65536, 0x1.56p-2])
    for name in ["f16", "bf16", "f32", "f64"] {
      #expect(try values(name, in: file)[1].sign == .minus, "\(name)")
    }
    for name in ["int8", "int16", "int32", "int64"] {
      #expect(try values(name, in: file) == [-101, -100, -1, 26], "\(name)")
    }
    for name in ["uint8", "uint16", "uint32", "uint64"] {
      #expect(try values(name, in: file) == [100, 101, 200, 227], "\(name)")
    }
    #expect(throws: SafetensorsError.unsupportedValues(tensor: "bool", dtype: .bool)) {
      try values("bool", in: file)
    }
    #expect(throws: SafetensorsError.unsupportedValues(tensor: "f8", dtype: .float8E4M3)) {
      try values("f8", in: file)
    }
  }

  @Test func readsNumPysFile() throws {
    let file = try SafetensorsFile(fixture("numpy.safetensors"))
    #expect(file.entries.map(\.name).sorted() == ["a", "b"])
    #expect(try values("a", in: file) == [0.25])
    #expect(try values("b", in: file) == [0, 1, 2, 3, 4, 5])
  }

  /// All half-precision numbers, compared with the definition in IEEE 754.
  @Test func halfPrecisionIsExact() {
    for bits in UInt16.min...UInt16.max {
      let value = Float(halfBits: bits)
      let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
      let sign = bits >> 15 == 0 ? 1.0 : -1.0
      #expect(value.sign == (bits >> 15 == 0 ? .plus : .minus))
      if exponent == 31 {
        #expect(fraction == 0 ? value.isInfinite : value.isNaN)
      } else {
        let leading = exponent == 0 ? 0.0 : 1024
        let scale = Double(sign: .plus, exponent: max(exponent, 1) - 25, significand: 1)
        #expect(Double(value) == sign * (leading + fraction) * scale)
      }
    }
  }

  @Test func doublesOutOfRangeBecomeInfinite() throws {
    let data = withUnsafeBytes(of: (1e300.bitPattern.littleEndian)) { Array($0) }
    let file = try SafetensorsFile(Self.file("F64", shape: [1], data: data))
    #expect(try values("a", in: file) == [.infinity])
  }

  @Test func wholeNumbersMustBeExact() throws {
    func data(_ number: Int32) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    let good = try SafetensorsFile(
      Self.file("I32", shape: [2], data: data(1 << 24) + data(.min)))
    #expect(try values("a", in: good) == [0x1p24, -0x1p31])
    let bad = try SafetensorsFile(
      Self.file("I32", shape: [2], data: data(1) + data(1 << 24 + 1)))
    #expect(
      throws: SafetensorsError.inexactNumber(tensor: "a", index: 1, found: "16777217")
    ) { try values("a", in: bad) }
  }

  @Test func messagesNameTypeAndTensor() {
    for (error, text) in [
      (
        .unsupportedValues(tensor: "a", dtype: .bool),
        #"tensor "a": BOOL holds no weights (expected F32, F64, F16, BF16 or whole numbers)"#
      ),
      (
        .inexactNumber(tensor: "a", index: 1, found: "16777217"),
        #"tensor "a": element 1 has no exact value in single precision (found 16777217)"#
      ),
      (
        .partialByte(tensor: "a", shape: [3], bits: 12),
        #"tensor "a": shape [3] ends inside a byte (found 12 bits, expected a multiple of 8)"#
      ),
    ] as [(SafetensorsError, String)] {
      #expect(error.description == text)
    }
  }
}
