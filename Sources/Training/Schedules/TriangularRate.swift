/// A straight line up to the base learning rate and another one down, as in airbench94 (Jordan 2024).
///
///     rate = base·(start + (1 − start)·step/p)                       before the peak, p = ⌊peak·steps⌋
///     rate = base·(1 − (1 − floor)·(step − p)/(steps − p))           from the peak on
///
/// `steps` is the number of steps of the whole run.
struct TriangularRate: ScheduleForm {
  static let word = "triangular"
  static let example = "triangular(peak=0.23,start=0.2,floor=0.07)"

  /// The part of the run before the peak.
  let peak: Double
  /// The learning rates at the start and the end, as parts of the base learning rate.
  let start: Double
  let floor: Double

  init?(_ arguments: inout NamedArguments) {
    guard let peak = arguments.number("peak", or: 0.5, where: { (0...1).contains($0) }),
      let start = arguments.number("start", or: 0, where: { (0...1).contains($0) }),
      let floor = arguments.number("floor", or: 0, where: { (0...1).contains($0) })
    else { return nil }
    self.peak = peak
    self.start = start
    self.floor = floor
  }

  var arguments: [String] {
    [
      NamedArguments.text("peak", peak, unless: 0.5),
      NamedArguments.text("start", start, unless: 0),
      NamedArguments.text("floor", floor, unless: 0),
    ].compactMap { $0 }
  }

  var dependsOnLength: Bool { true }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    let top = Int(peak * Double(point.totalSteps))
    if point.step < top {
      return base * (start + (1 - start) * (Double(point.step) / Double(top)))
    }
    let fraction = SchedulePoint.fraction(point.step - top, of: point.totalSteps - top)
    return base * (1 - (1 - floor) * fraction)
  }
}
