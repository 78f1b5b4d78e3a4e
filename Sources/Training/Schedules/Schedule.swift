/// The learning rate over a run.
///
/// Each form is a pure function of the base learning rate and the progress, except `Plateau`,
/// which also depends on the validation. A checkpoint holds the schedule as text, in the
/// configuration.
public struct Schedule: Equatable, Sendable, CustomStringConvertible {
  let form: any ScheduleForm

  init(_ form: any ScheduleForm) { self.form = form }

  /// The forms that `--sched` accepts.
  static var types: [any ScheduleForm.Type] {
    [
      ConstantRate.self, CosineRate.self, LinearRate.self, ExponentialRate.self, StepRate.self,
      StepList.self, TriangularRate.self, OneCycle.self, Plateau.self,
    ]
  }

  public static func == (a: Schedule, b: Schedule) -> Bool { a.description == b.description }

  // MARK: Forms

  /// The base learning rate throughout.
  public static let constant = Schedule(ConstantRate())
  /// Half a cosine from the base learning rate to 0 over the whole run.
  public static let cosine = Schedule(CosineRate())
  /// A straight line from the base learning rate to 0 over the whole run.
  public static let linear = Schedule(LinearRate())

  /// The base learning rate times `decay` to the power of the number of completed epochs.
  public static func exponential(decay: Double) -> Schedule {
    Schedule(ExponentialRate(decay: decay))
  }

  /// Each step's `learningRate` from its epoch `from` on (the first epoch is 1).
  public static func steps(_ steps: [Step]) -> Schedule { Schedule(StepList(steps)) }

  public struct Step: Equatable, Sendable {
    public let from: Int
    public let learningRate: Double
    public init(from: Int, learningRate: Double) {
      self.from = from
      self.learningRate = learningRate
    }
  }

  /// The steps of a list of steps; nil for other forms.
  var steps: [Step]? { (form as? StepList)?.steps }

  /// The form that follows the validation; nil for other forms.
  var plateau: Plateau? { form as? Plateau }

  /// True for a schedule that only a run may have, and no parameter group.
  public var followsValidation: Bool { plateau != nil }

  /// True if the learning rates depend on the number of steps of the whole run.
  var dependsOnLength: Bool { form.dependsOnLength }

  // MARK: Learning rates

  /// The learning rate of the step after `point`.
  public func learningRate(base: Double, at point: SchedulePoint) -> Double {
    form.learningRate(base: base, at: point)
  }

  /// The learning rate of the step after `point`, with a warm-up before the schedule.
  ///
  /// In the warm-up's W steps the learning rate rises along a straight line to the schedule's first
  /// one, r₀·(step + 1)/(W + 1). After it the schedule begins, with the rest of the run as its
  /// whole run. This is PyTorch's `SequentialLR` of `LinearLR(start_factor=1/(W+1),
  /// total_iters=W)` and the schedule.
  ///
  /// - `warmup`: W, less than the run's steps.
  public func learningRate(base: Double, at point: SchedulePoint, warmup: Int) -> Double {
    guard warmup > 0 else { return learningRate(base: base, at: point) }
    var own = point
    own.totalSteps -= warmup
    own.step = max(0, point.step - warmup)
    let rate = learningRate(base: base, at: own)
    return point.step < warmup ? rate * (Double(point.step + 1) / Double(warmup + 1)) : rate
  }

  /// The learning rate of the step after `step` steps.
  ///
  /// - `stepsPerEpoch`: at least 1.
  /// - `totalSteps`: the number of steps of the whole run.
  public func learningRate(base: Double, step: Int, stepsPerEpoch: Int, totalSteps: Int) -> Double {
    learningRate(
      base: base,
      at: SchedulePoint(step: step, stepsPerEpoch: stepsPerEpoch, totalSteps: totalSteps))
  }

  // MARK: Text

  /// The forms, for help and messages.
  static var forms: String {
    let names = types.map { $0.hasDefaults ? $0.word : $0.example }
    return names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
  }

  /// What is expected instead of `text`: the arguments of its form, or else all forms.
  static func expected(insteadOf text: String) -> String {
    let word = text.filter { !$0.isWhitespace }.prefix { $0 != "(" }
    guard let type = types.first(where: { $0.word == word }) else { return forms }
    return type.hasDefaults && type.example != type.word
      ? "\(type.word), or some of \(type.example)" : type.example
  }

  public init?(_ text: String) {
    let text = text.filter { !$0.isWhitespace }
    let word = text.prefix { $0 != "(" }
    guard let type = Self.types.first(where: { $0.word == word }) else { return nil }
    let rest = text.dropFirst(word.count)
    var arguments = NamedArguments.none
    if !rest.isEmpty {
      guard rest.hasSuffix(")"), let given = NamedArguments(String(rest.dropFirst().dropLast()))
      else {
        return nil
      }
      arguments = given
    }
    guard let form = type.init(&arguments), arguments.isEmpty else { return nil }
    self.form = form
  }

  public var description: String { form.text }
}
