#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Measures how many things a second get done, giving the last seconds the most weight.
///
/// Both the things and the time are summed with weights that fall by `1/e` every `memory` seconds,
/// and divided; so the first figures are as true as the later ones. Time that is not reported, a
/// pause for an evaluation, does not count.
public struct RateMeter: Sendable {
  private let memory: Double
  private var things = 0.0
  private var seconds = 0.0

  public init(memory: Double = 5) {
    precondition(memory > 0, "RateMeter: a memory of \(memory) seconds")
    self.memory = memory
  }

  /// Counts `things` done in the last `seconds`.
  public mutating func add(_ things: Int, seconds: Double) {
    guard seconds > 0 else {
      self.things += Double(things)
      return
    }
    let fading = exp(-seconds / memory)
    self.things = self.things * fading + Double(things)
    self.seconds = self.seconds * fading + seconds
  }

  /// Things a second, or `nil` before any time has gone by.
  public var perSecond: Double? { seconds > 0 ? things / seconds : nil }

  /// How many seconds `things` more will take, or `nil` while that cannot be told.
  public func seconds(for things: Int) -> Double? {
    guard let perSecond, perSecond > 0 else { return nil }
    return Double(things) / perSecond
  }
}
