/// The base learning rate throughout.
struct ConstantRate: ScheduleForm {
  static let word = "constant"
  static let example = "constant"

  init() {}
  init?(_ arguments: inout NamedArguments) {}

  var arguments: [String] { [] }
  var dependsOnLength: Bool { false }

  func learningRate(base: Double, at point: SchedulePoint) -> Double { base }
}
