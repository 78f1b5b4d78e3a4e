/// The setting `lookahead`: every few steps the parameters are set to an average of their past values.
///
/// After every `every` steps (Zhang et al. 2019, "Lookahead optimizer", with 1 − α = decay)
///
///     average = d·average + (1 − d)·θ        θ = average        d = decay·(t/T)^power
///
/// for step t of T. At the end of the run θ = average. `every=5,decay=0.7737809375,power=3` is
/// airbench94's (Jordan 2024), whose decay is 0.95⁵·(t/T)³. With `from` the average starts there,
/// at the values that the parameters have.
public struct Lookahead: Equatable, Sendable, CustomStringConvertible {
  /// The number of steps between two averages.
  public let every: Int
  public let decay: Double
  public let power: Int
  /// The steps before the average starts; nil for none.
  public let from: StepSpan?

  static let forms = "every=5,decay=0.5, and where needed power=3 and from=8.25"

  public init(every: Int, decay: Double, power: Int = 0, from: StepSpan? = nil) {
    self.every = every
    self.decay = decay
    self.power = power
    self.from = from
  }

  /// Reads the text of a ``description``.
  public init?(_ text: String) {
    guard var arguments = NamedArguments(text),
      let every = arguments.integer("every", or: 0, in: 1...1_000_000), every > 0,
      let decay = arguments.number("decay", or: -1, where: { $0 > 0 && $0 < 1 }), decay > 0,
      let power = arguments.integer("power", or: 0, in: 0...100)
    else { return nil }
    var from: StepSpan?
    if let text = arguments.text("from") {
      guard let span = StepSpan(text) else { return nil }
      from = span
    }
    guard arguments.isEmpty else { return nil }
    self.init(every: every, decay: decay, power: power, from: from)
  }

  public var description: String {
    [
      "every=\(every)", "decay=\(decay)", NamedArguments.text("power", power, unless: 0),
      from.map { "from=\($0)" },
    ].compactMap { $0 }.joined(separator: ",")
  }

  /// The step after which the average starts.
  func start(stepsPerEpoch: Int) -> Int { from?.steps(perEpoch: stepsPerEpoch) ?? 0 }

  /// True if an average is due after `step`.
  func isDue(afterStep step: Int, stepsPerEpoch: Int) -> Bool {
    let steps = step - start(stepsPerEpoch: stepsPerEpoch)
    return steps > 0 && steps % every == 0
  }

  /// The decay of the average after `step`.
  func decay(afterStep step: Int, of totalSteps: Int) -> Double {
    // Repeated products, because the C library's power function differs between processors.
    let fraction = SchedulePoint.fraction(step, of: totalSteps)
    return (0..<power).reduce(decay) { decay, _ in decay * fraction }
  }
}
