/// Half a cosine from the base learning rate to its floor, over the whole run or again and again.
///
///     rate = base·(floor + (1 − floor)·(1 + cos(π·t))/2)
///
/// `t` rises from 0 to 1 over the whole run (`torch.optim.lr_scheduler.CosineAnnealingLR`). With
/// restarts it rises over `restart` epochs, and then over `times` as many epochs as the last time
/// (`CosineAnnealingWarmRestarts`; Loshchilov and Hutter 2017, eq. 5).
struct CosineRate: ScheduleForm {
  static let word = "cosine"
  static let example = "cosine(floor=0.01,restart=10,times=2)"

  /// The least learning rate, as a part of the base learning rate.
  let floor: Double
  /// The length of the first period; nil for the whole run.
  let restart: StepSpan?
  /// The factor by which each period is longer than the one before.
  let times: Int

  init() {
    floor = 0
    restart = nil
    times = 1
  }

  init?(_ arguments: inout NamedArguments) {
    guard let floor = arguments.number("floor", or: 0, where: { (0...1).contains($0) }),
      let times = arguments.integer("times", or: 1, in: 1...1000)
    else { return nil }
    var restart: StepSpan?
    if let text = arguments.text("restart") {
      guard let span = StepSpan(text) else { return nil }
      restart = span
    }
    guard restart != nil || times == 1 else { return nil }
    self.floor = floor
    self.restart = restart
    self.times = times
  }

  var arguments: [String] {
    [
      NamedArguments.text("floor", floor, unless: 0), restart.map { "restart=\($0)" },
      NamedArguments.text("times", times, unless: 1),
    ].compactMap { $0 }
  }

  var dependsOnLength: Bool { restart == nil }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    base * (floor + (1 - floor) * ((1 + exactCosine(ofHalfTurns: fraction(point))) / 2))
  }

  /// The part of the current period that is done.
  private func fraction(_ point: SchedulePoint) -> Double {
    guard let restart else { return point.fraction }
    var step = point.step
    var length = max(1, restart.steps(perEpoch: point.stepsPerEpoch))
    if times == 1 { step %= length }
    while step >= length {
      step -= length
      length *= times
    }
    return SchedulePoint.fraction(step, of: length)
  }
}

/// cos(π·x) for 0 ≤ x ≤ 1 by its Taylor series around the nearest of 0, ½ and 1. It uses basic
/// operations only, so all processors give the same bits.
func exactCosine(ofHalfTurns x: Double) -> Double {
  if x > 0.5 { return -exactCosine(ofHalfTurns: 1 - x) }
  let angle = x * Double.pi
  let square = angle * angle
  var term = 1.0
  var sum = 1.0
  for k in stride(from: 2, through: 24, by: 2) {
    term *= -square / Double((k - 1) * k)
    sum += term
  }
  return sum
}
