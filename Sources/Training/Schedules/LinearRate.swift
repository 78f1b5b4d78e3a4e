/// A straight line from the base learning rate to its floor, and then the floor.
///
///     rate = base·(1 − (1 − floor)·t)
///
/// `t` rises from 0 to 1 over the whole run, or over its first `until` epochs or steps:
/// `torch.optim.lr_scheduler.LinearLR(start_factor=1, end_factor=floor)`, stepped by the batch.
struct LinearRate: ScheduleForm {
  static let word = "linear"
  static let example = "linear(until=8.5,floor=0.05)"

  /// The length of the line; nil for the whole run.
  let until: StepSpan?
  /// The last learning rate, as a part of the base learning rate.
  let floor: Double

  init() {
    until = nil
    floor = 0
  }

  init?(_ arguments: inout NamedArguments) {
    guard let floor = arguments.number("floor", or: 0, where: { (0...1).contains($0) }) else {
      return nil
    }
    var until: StepSpan?
    if let text = arguments.text("until") {
      guard let span = StepSpan(text) else { return nil }
      until = span
    }
    self.until = until
    self.floor = floor
  }

  var arguments: [String] {
    [until.map { "until=\($0)" }, NamedArguments.text("floor", floor, unless: 0)].compactMap { $0 }
  }

  var dependsOnLength: Bool { until == nil }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    let length = until.map { max(1, $0.steps(perEpoch: point.stepsPerEpoch)) } ?? point.totalSteps
    let fraction = SchedulePoint.fraction(point.step, of: length)
    // At the end of the line, 1 − (1 − floor) would differ from the floor in the last bits.
    return fraction < 1 ? base * (1 - (1 - floor) * fraction) : base * floor
  }
}
