/// One cycle of the learning rate: `torch.optim.lr_scheduler.OneCycleLR` with its cosine (Smith and Topin
/// 2018).
///
/// The learning rate rises from `high/divide` to `high = base·max` over the first `peak` of the run, and
/// falls to `high/divide/end-divide` over the rest, each along half a cosine. Over T steps the highest is that
/// of step `peak·T − 1`, and the lowest that of step T − 1. The momentum does not change: PyTorch's
/// `cycle_momentum=False`.
struct OneCycle: ScheduleForm {
  static let word = "one-cycle"
  static let example = "one-cycle(max=1,peak=0.3,divide=25,end-divide=10000)"

  /// The highest learning rate, as a multiple of the base learning rate.
  let highest: Double
  /// PyTorch's `pct_start`.
  let peak: Double
  /// PyTorch's `div_factor` and `final_div_factor`.
  let divide: Double
  let endDivide: Double

  init?(_ arguments: inout NamedArguments) {
    guard let highest = arguments.number("max", or: 1, where: { $0 > 0 }),
      let peak = arguments.number("peak", or: 0.3, where: { (0...1).contains($0) }),
      let divide = arguments.number("divide", or: 25, where: { $0 >= 1 }),
      let endDivide = arguments.number("end-divide", or: 10_000, where: { $0 >= 1 })
    else { return nil }
    self.highest = highest
    self.peak = peak
    self.divide = divide
    self.endDivide = endDivide
  }

  var arguments: [String] {
    [
      NamedArguments.text("max", highest, unless: 1),
      NamedArguments.text("peak", peak, unless: 0.3),
      NamedArguments.text("divide", divide, unless: 25),
      NamedArguments.text("end-divide", endDivide, unless: 10_000),
    ].compactMap { $0 }
  }

  var dependsOnLength: Bool { true }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    let high = base * highest
    let start = high / divide
    let step = Double(point.step)
    let top = peak * Double(point.totalSteps) - 1
    let end = Double(point.totalSteps - 1)
    if step <= top && top > 0 { return anneal(from: start, to: high, step / top) }
    let first = max(0, top)
    guard step > first else { return high }
    return anneal(from: high, to: start / endDivide, min(1, (step - first) / (end - first)))
  }

  /// Half a cosine from `start` to `end`.
  private func anneal(from start: Double, to end: Double, _ fraction: Double) -> Double {
    end + (start - end) / 2 * (1 + exactCosine(ofHalfTurns: fraction))
  }
}
