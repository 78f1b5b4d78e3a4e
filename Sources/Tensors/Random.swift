import CKernels

/// The purpose of a stream of random numbers.
///
/// Each purpose has its own streams, so a new use of random numbers never changes an existing one.
public enum RandomDomain: UInt32, Sendable {
  case initialization = 1
  case shuffle = 2
  case augmentation = 3
  case dropout = 4
  case validationSplit = 5
  /// Which examples a limit leaves.
  case limit = 7
  /// Draws with replacement.
  case sampler = 8
  /// Values and shapes of a check of gradients.
  case gradientCheck = 9
  /// The settings of a sweep's runs.
  case sweep = 10
  /// Which examples skip a residual branch.
  case stochasticDepth = 11
  /// The seed of a proxy, which has draws of its own.
  case proxy = 12
  /// The networks of a benchmark.
  case benchmark = 14
  /// Images to compare programs on.
  case exampleImages = 13
  /// The first positions of an embedding.
  case embedding = 15
}

/// A stream of random numbers that is a pure function of (seed, domain, index, epoch).
///
/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") generates the words:
/// the key is the seed, the counter is (block, index, epoch, domain). A checkpoint holds no generator
/// state: a resumed run creates the same stream and draws the same numbers.
public struct Random: Sendable {
  /// The stream's key and counter for the kernels, which draw the same numbers.
  public let stream: random_stream
  private var block: UInt32 = 0
  private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  private var used = 4

  /// Creates the stream of these keys.
  ///
  /// - `index`: the number of a parameter or of an example, for one stream each.
  /// - `epoch`: the epoch or the step, for purposes that draw again in each.
  /// - `part`: one of the stream's 65,536 parts of 262,144 numbers. Draws from one part do not change
  ///   the numbers of another.
  public init(
    seed: UInt64, domain: RandomDomain, index: Int = 0, epoch: Int = 0, part: UInt16 = 0
  ) {
    stream = random_stream(
      key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)),
      index: UInt32(truncatingIfNeeded: index), epoch: UInt32(truncatingIfNeeded: epoch),
      domain: domain.rawValue)
    block = UInt32(part) << 16
  }

  /// The next 32 random bits.
  public mutating func nextBits() -> UInt32 {
    if used == 4 {
      words = philox4x32(
        counter: (block, stream.index, stream.epoch, stream.domain), key: stream.key)
      block &+= 1
      used = 0
    }
    defer { used += 1 }
    switch used {
    case 0: return words.0
    case 1: return words.1
    case 2: return words.2
    default: return words.3
    }
  }

  /// A number drawn uniformly from 0 ..< 1, a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float {
    Float(nextBits() >> 8) * 0x1p-24
  }

  /// A whole number drawn uniformly from 0 ..< `bound`, without bias (Lemire 2019).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0 && bound <= Int(UInt32.max), "integer(below: \(bound))")
    let range = UInt32(bound)
    let threshold = (0 &- range) % range
    while true {
      let product = UInt64(nextBits()) * UInt64(range)
      if UInt32(truncatingIfNeeded: product) >= threshold { return Int(product >> 32) }
    }
  }

  /// Shuffles `items` by the algorithm of Fisher and Yates, from the last place down.
  public mutating func shuffle<Item>(_ items: inout [Item]) {
    guard items.count > 1 else { return }
    for last in stride(from: items.count - 1, to: 0, by: -1) {
      items.swapAt(last, integer(below: last + 1))
    }
  }
}

/// The four random words of one counter, by ten rounds of Philox4x32.
func philox4x32(
  counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
) -> (UInt32, UInt32, UInt32, UInt32) {
  var c = counter
  var k = key
  for _ in 0..<10 {
    let a = UInt64(0xD251_1F53) * UInt64(c.0)
    let b = UInt64(0xCD9E_8D57) * UInt64(c.2)
    c = (
      UInt32(b >> 32) ^ c.1 ^ k.0, UInt32(truncatingIfNeeded: b),
      UInt32(a >> 32) ^ c.3 ^ k.1, UInt32(truncatingIfNeeded: a)
    )
    k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85)
  }
  return c
}
