/// The base learning rate times γ to the power of ⌊epoch / size⌋, for `step(size,γ)` and the number of
/// completed epochs: `torch.optim.lr_scheduler.StepLR`.
struct StepRate: ScheduleForm {
  static let word = "step"
  static let example = "step(2,0.1)"
  static let hasDefaults = false

  /// The number of epochs with the same learning rate.
  let size: Int
  let factor: Double

  init?(_ arguments: inout NamedArguments) {
    guard let size = arguments.next().flatMap({ Int($0) }), size > 0,
      let factor = arguments.next().flatMap({ Double($0) }), factor > 0, factor <= 1
    else { return nil }
    self.size = size
    self.factor = factor
  }

  var arguments: [String] { ["\(size)", "\(factor)"] }
  var dependsOnLength: Bool { false }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    // Repeated products, because the C library's power function differs between processors.
    (0..<point.epoch / size).reduce(base) { rate, _ in rate * factor }
  }
}
