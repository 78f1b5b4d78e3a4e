#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The speed of a process in things per second, with the most weight on the last seconds.
///
/// The speed is Σ weight·things / Σ weight·seconds. A weight falls to `1/e` in `memory` seconds. Since both
/// sums have the same weights, the first values are not biased. Time that is not reported, such as an
/// evaluation's, does not count.
public struct RateMeter: Sendable {
  private let memory: Double
  private var things = 0.0
  private var seconds = 0.0

  public init(memory: Double = 5) {
    precondition(memory > 0, "RateMeter: a memory of \(memory) seconds")
    self.memory = memory
  }

  /// Adds `things` that were done in the last `seconds`.
  public mutating func add(_ things: Int, seconds: Double) {
    guard seconds > 0 else {
      self.things += Double(things)
      return
    }
    let fading = exp(-seconds / memory)
    self.things = self.things * fading + Double(things)
    self.seconds = self.seconds * fading + seconds
  }

  /// The things per second, or `nil` before any time was added.
  public var perSecond: Double? { seconds > 0 ? things / seconds : nil }

  /// The estimated seconds for `things` more, or `nil` while the speed is unknown or zero.
  public func seconds(for things: Int) -> Double? {
    guard let perSecond, perSecond > 0 else { return nil }
    return Double(things) / perSecond
  }
}
