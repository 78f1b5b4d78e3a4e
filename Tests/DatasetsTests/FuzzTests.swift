import Foundation
import Testing

@testable import Datasets

/// Damages valid files in thousands of ways, which are equal in every run, and reads them. Each
/// file must cause an error or be read correctly, without a trap and with little memory.
///
/// The system reports memory only for a whole process, so tests with a memory limit run in their
/// own process.
@Suite struct FuzzTests {
  /// The maximum number of bytes by which a reader may increase the memory of its process.
  static let memoryLimit = 512 << 20

  static let count = 20_000

  private static let images = HandMade.images(3, 5, 4)
  private static let labels = HandMade.labels([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
  /// The outputs of `printf 'conv relu pool conv relu pool' | gzip -9n`, with the fixed code, and
  /// of `seq 0 40 | gzip -9n`, with its own code.
  private static let compressed: [[UInt8]] = [
    [
      0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0xce, 0xcf, 0x2b, 0x53,
      0x28, 0x4a, 0xcd, 0x29, 0x55, 0x28, 0xc8, 0xcf, 0xcf, 0x51, 0x48, 0x46, 0xe1, 0x02, 0x00,
      0x1f, 0xb4, 0xb2, 0x3d, 0x1d, 0x00, 0x00, 0x00,
    ],
    [
      0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x0d, 0xcc, 0xc1, 0x01, 0xc0,
      0x30, 0x08, 0x03, 0xb1, 0xff, 0x4d, 0x83, 0x6d, 0x92, 0xc0, 0xfe, 0x8b, 0xb5, 0x03, 0x48,
      0x85, 0x30, 0xa1, 0x39, 0x5c, 0x1e, 0xc3, 0xa2, 0x42, 0x42, 0x46, 0x41, 0x8d, 0x0e, 0xba,
      0xe8, 0xa1, 0x41, 0x8b, 0x0b, 0xff, 0xc6, 0x38, 0xb8, 0xf1, 0xc1, 0x17, 0x3f, 0x3c, 0x78,
      0x49, 0x11, 0x91, 0xbf, 0x0c, 0x69, 0x72, 0xc8, 0x25, 0x8f, 0x0c, 0x59, 0xba, 0xf8, 0x00,
      0x2a, 0xee, 0xac, 0x1c, 0x71, 0x00, 0x00, 0x00,
    ],
  ]

  @Test func damagedGzipIsRefusedOrReadRight() async {
    await #expect(processExitsWith: .success) {
      var generator = Mutator(seed: 1)
      var good = 0
      var errors: [String: Int] = [:]
      let before = FuzzTests.peakMemory()
      let bases =
        FuzzTests.compressed + [
          HandMade.gzip(FuzzTests.images),
          HandMade.gzip(FuzzTests.labels, flags: 8, fields: [65, 66, 0]),
          HandMade.bomb(matches: 50),
        ]
      for round in 0..<FuzzTests.count {
        let file = generator.mutate(bases[round % bases.count])
        let limit = round % 3 == 0 ? 64 : 1 << 30
        do throws(GzipError) {
          let content = try Gzip.inflate(file, limit: limit)
          #expect(content.count <= limit)
          // Accepted data has the right checksum and length.
          let trailer =
            HandMade.littleEndian(HandMade.crc32(content))
            + HandMade.littleEndian(UInt32(content.count))
          #expect(Array(file.suffix(8)) == trailer)
          good += 1
        } catch {
          errors[FuzzTests.kind(of: error), default: 0] += 1
        }
      }
      #expect(good > 100)
      #expect(
        Set(errors.keys) == [
          "notGzip", "endsEarly", "damaged", "expandsPast", "secondMember", "trailingBytes",
        ])
      #expect(FuzzTests.peakMemory() - before < FuzzTests.memoryLimit)
    }
  }

  @Test(arguments: [IDX.Kind.images.rawValue, IDX.Kind.labels.rawValue])
  func damagedIDXIsRefusedOrReadRight(name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      let kind = try #require(IDX.Kind(rawValue: name))
      var generator = Mutator(seed: kind == .images ? 2 : 3)
      var good = 0
      var errors: [String: Int] = [:]
      let before = FuzzTests.peakMemory()
      for round in 0..<FuzzTests.count {
        // Mostly files of the right kind, damaged inside the gzip data, in its framing, or without
        // gzip.
        let base = (round % 16 == 0) == (kind == .images) ? FuzzTests.labels : FuzzTests.images
        let plain = generator.mutate(base)
        let isZipped = round % 2 == 0
        var file = isZipped ? HandMade.gzip(plain) : plain
        let isSound = round % 8 != 0
        if !isSound { file = generator.mutate(file) }
        do throws(IDXError) {
          let content =
            switch kind {
            case .images: try IDX.images(file)
            case .labels: try IDX.labels(file, classes: 10)
            }
          #expect(content.extents.reduce(1, *) == content.data.count)
          #expect(content.extents.count == kind.rank)
          #expect(kind == .images || content.data.allSatisfy { $0 < 10 })
          if isSound { #expect(content.header + content.data == plain) }
          good += 1
        } catch {
          errors[FuzzTests.kind(of: error), default: 0] += 1
        }
      }
      #expect(good > 100)
      let expected: Set = [
        "gzip", "headerEndsEarly", "notIDX", "swapped", "elementType", "dimensions", "zeroExtent",
        "tooLarge", "dataEndsEarly", "dataTooLong",
      ]
      #expect(Set(errors.keys) == (kind == .images ? expected : expected.union(["label"])))
      #expect(FuzzTests.peakMemory() - before < FuzzTests.memoryLimit)
    }
  }

  @Test(arguments: [CIFAR.Kind.cifar10, .cifar100Fine])
  func damagedCIFARIsRefusedOrReadRight(kind: CIFAR.Kind) {
    var generator = Mutator(seed: kind == .cifar10 ? 4 : 5)
    var good = 0
    var errors: [String: Int] = [:]
    let bases = [
      HandMade.record([3], start: 0), HandMade.record([19, 99], start: 7),
      HandMade.record([0], start: 1) + HandMade.record([9], start: 5),
    ]
    for round in 0..<Self.count {
      let file = generator.mutate(bases[round % bases.count])
      do throws(CIFARError) {
        let content = try CIFAR.records(file, as: kind)
        #expect(content.labels.count * kind.recordCount == file.count)
        #expect(content.pixels.count == 3072 * content.labels.count)
        #expect(content.labels.allSatisfy { $0 < (kind == .cifar10 ? 10 : 100) })
        // The blue value of the last pixel is the last byte.
        #expect(content.pixels.last == file.last)
        good += 1
      } catch {
        errors[Self.kind(of: error), default: 0] += 1
      }
    }
    #expect(good > 100)
    #expect(Set(errors.keys) == ["notWhole", "label"])
  }

  @Test func damagedPNGIsRefusedOrReadRight() async {
    await #expect(processExitsWith: .success) {
      var generator = Mutator(seed: 6)
      var good = 0
      var errors: [String: Int] = [:]
      let before = FuzzTests.peakMemory()
      let bases = [
        HandMade.png(5, 4, 1, (0..<20).map { UInt8(12 * $0) }),
        HandMade.png(3, 2, 3, (0..<18).map { UInt8(14 * $0) }, filter: 2),
        HandMade.png(
          1, 1, 1, [5],
          extra: [
            HandMade.chunk("iCCP", [65, 0, 0] + HandMade.zlib([1, 2, 3])),
            HandMade.chunk("tRNS", [0, 5]),
          ]),
      ]
      for round in 0..<FuzzTests.count {
        // Half of the files get right checksums again, so that their content is read.
        var file = generator.mutate(bases[round % bases.count])
        if round % 2 == 0 { file = HandMade.withRightChecksums(file) }
        do throws(ImageReadError) {
          let image = try ImageReader.image(file)
          #expect(image.pixels.count == image.width * image.height * image.channels)
          good += 1
        } catch {
          errors[FuzzTests.kind(of: error), default: 0] += 1
        }
      }
      #expect(good > 100)
      #expect(
        Set(errors.keys) == ["notImage", "noPixels", "tooLarge", "damaged"])
      #expect(FuzzTests.peakMemory() - before < FuzzTests.memoryLimit)
    }
  }

  /// Every kind of PNG and JPEG, cut off and changed.
  @Test func damagedImagesOfEveryKindAreRefusedOrRead() async {
    await #expect(processExitsWith: .success) {
      var generator = Mutator(seed: 7)
      var (good, bad) = (0, 0)
      let before = FuzzTests.peakMemory()
      let bases = try ImageFixture.all()
      for round in 0..<FuzzTests.count {
        let base = bases[round % bases.count].file
        var file = generator.mutate(base)
        if round % 3 == 0 { file = Array(base.prefix(file.count * (round % 97) / 97)) }
        if round % 2 == 0, base.first == 0x89 { file = HandMade.withRightChecksums(file) }
        do throws(ImageReadError) {
          let image = try ImageReader.image(file)
          #expect(image.pixels.count == image.width * image.height * image.channels)
          good += 1
        } catch {
          bad += 1
        }
      }
      #expect(good > 100 && bad > 100)
      #expect(FuzzTests.peakMemory() - before < FuzzTests.memoryLimit)
    }
  }

  /// The case of `error` without its payload.
  static func kind(of error: some Error) -> String {
    String("\(Mirror(reflecting: error).children.first?.label ?? "\(error)")")
  }

  /// The peak memory of the process in bytes.
  static func peakMemory() -> Int {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #else
      getrusage(RUSAGE_SELF.rawValue, &usage)
      return usage.ru_maxrss * 1024
    #endif
  }
}

/// Changes bytes at random, equally for equal seeds.
struct Mutator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea and Flood 2014).
  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ z >> 31) % UInt64(bound))
  }

  /// `file` with up to three changes; one file in eight is unchanged.
  mutating func mutate(_ file: [UInt8]) -> [UInt8] {
    var bytes = file
    guard below(8) > 0 else { return bytes }
    for _ in 0...below(3) {
      guard !bytes.isEmpty else { return bytes }
      // Half of the changes are in the header.
      let place = below(2) == 0 ? below(min(16, bytes.count)) : below(bytes.count)
      switch below(8) {
      case 0: bytes[place] ^= 1 << UInt8(below(8))
      case 1: bytes[place] = UInt8(below(256))
      case 2: bytes[place] = [0, 1, 3, 8, 0x7f, 0x80, 0xff][below(7)]
      case 3: bytes.removeLast(below(bytes.count))
      case 4: bytes.remove(at: place)
      case 5: bytes.insert(UInt8(below(256)), at: place)
      case 6: bytes += bytes.prefix(1 + below(bytes.count))
      default:
        for index in bytes.indices[place...].prefix(4) { bytes[index] = UInt8(below(2) * 255) }
      }
    }
    return bytes
  }
}
