/// The base learning rate times `decay` to the power of the number of completed epochs:
/// `torch.optim.lr_scheduler.ExponentialLR`, stepped by the epoch.
struct ExponentialRate: ScheduleForm {
  static let word = "exponential"
  static let example = "exponential(0.75)"
  static let hasDefaults = false

  let decay: Double

  init(decay: Double) { self.decay = decay }

  init?(_ arguments: inout NamedArguments) {
    guard let decay = arguments.next().flatMap({ Double($0) }), decay > 0, decay <= 1 else {
      return nil
    }
    self.decay = decay
  }

  var arguments: [String] { ["\(decay)"] }
  var dependsOnLength: Bool { false }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    // Repeated products, because the C library's power function differs between processors.
    (0..<point.epoch).reduce(base) { rate, _ in rate * decay }
  }
}
