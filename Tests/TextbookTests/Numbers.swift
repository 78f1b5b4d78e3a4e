import Textbook

/// A generator of reproducible random numbers (SplitMix64).
struct Numbers {
  private var state: UInt64

  init(seed: Int) {
    state = UInt64(bitPattern: Int64(seed))
  }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(bits() % UInt64(range.count))
  }

  /// Uniform in −1…1.
  mutating func uniform() -> Double {
    Double(bits() >> 11) * 0x1p-52 - 1
  }

  /// Whole numbers in −4…4.
  mutating func integers<G: Grid>(_ shape: Int...) -> G {
    G(
      shape: shape,
      elements: (0..<shape.reduce(1, *)).map { _ in G.Scalar(exactly: integer(-4...4))! })
  }

  /// Uniform in −1…1.
  mutating func reals<G: Grid>(_ shape: Int...) -> G where G.Scalar == Double {
    G(shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in uniform() })
  }

  /// Numbers in random order, at least 0.02 apart from each other and 0.01 from zero. Finite differences of ReLU
  /// and of maxima therefore meet no kink and no tie.
  mutating func spaced<G: Grid>(_ shape: Int...) -> G where G.Scalar == Double {
    let count = shape.reduce(1, *)
    let lowest = 0.01 - 0.02 * Double(count / 2)
    var elements = (0..<count).map { lowest + 0.02 * Double($0) }
    for i in stride(from: count - 1, to: 0, by: -1) {
      elements.swapAt(i, integer(0...i))
    }
    return G(shape: shape, elements: elements)
  }
}
