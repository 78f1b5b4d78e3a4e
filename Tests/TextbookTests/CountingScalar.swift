/// An integer type that counts multiplications, to test the cost of a formula.
struct CountingScalar: SignedNumeric, Comparable {
  final class Counter: @unchecked Sendable {
    var multiplications = 0
  }

  /// The counter of the current task.
  @TaskLocal static var counter: Counter?

  var value: Int

  init(_ value: Int) {
    self.value = value
  }

  init(integerLiteral value: Int) {
    self.value = value
  }

  init?<T: BinaryInteger>(exactly source: T) {
    guard let value = Int(exactly: source) else { return nil }
    self.value = value
  }

  var magnitude: CountingScalar { CountingScalar(abs(value)) }

  static func + (a: Self, b: Self) -> Self { Self(a.value + b.value) }
  static func - (a: Self, b: Self) -> Self { Self(a.value - b.value) }

  static func * (a: Self, b: Self) -> Self {
    counter?.multiplications += 1
    return Self(a.value * b.value)
  }

  static func *= (a: inout Self, b: Self) { a = a * b }
  static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

/// The number of multiplications in `body`.
func multiplications(in body: () -> Void) -> Int {
  let counter = CountingScalar.Counter()
  CountingScalar.$counter.withValue(counter, operation: body)
  return counter.multiplications
}
