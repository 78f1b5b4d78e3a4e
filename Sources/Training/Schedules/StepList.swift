/// The learning rates themselves, by the epoch in which they start (the first epoch is 1), whatever
/// the base learning rate: `steps(1:0.1,3:0.01)`. Before the first step it is the base learning rate.
///
/// With learning rates lr·γᵏ this is `torch.optim.lr_scheduler.MultiStepLR`.
struct StepList: ScheduleForm {
  static let word = "steps"
  static let example = "steps(1:0.1,3:0.01)"
  static let hasDefaults = false

  let steps: [Schedule.Step]

  init(_ steps: [Schedule.Step]) { self.steps = steps }

  init?(_ arguments: inout NamedArguments) {
    var steps: [Schedule.Step] = []
    while let item = arguments.next() {
      let parts = item.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let from = Int(parts[0]), let rate = Double(parts[1]),
        from > (steps.last?.from ?? 0), rate >= 0, rate.isFinite
      else { return nil }
      steps.append(Schedule.Step(from: from, learningRate: rate))
    }
    guard !steps.isEmpty else { return nil }
    self.steps = steps
  }

  var arguments: [String] { steps.map { "\($0.from):\($0.learningRate)" } }
  var dependsOnLength: Bool { false }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    steps.last { $0.from <= point.epoch + 1 }?.learningRate ?? base
  }
}
