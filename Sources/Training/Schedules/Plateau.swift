/// Reduces the learning rate when the validation has not improved for some epochs:
/// `torch.optim.lr_scheduler.ReduceLROnPlateau` with its relative threshold.
///
/// A loss improves if it is below best·(1 − threshold), an accuracy if it is above best·(1 +
/// threshold). After more than `patience` epochs in turn without improvement the learning rate is
/// multiplied by `factor`, but not below base·floor. In the next `cooldown` epochs no epoch counts.
///
/// The ``State`` is part of the run's progress, and checkpoints hold it.
struct Plateau: ScheduleForm {
  static let word = "plateau"
  static let example =
    "plateau(on=loss,factor=0.1,patience=10,threshold=0.0001,cooldown=0,floor=0)"

  enum Figure: String {
    case loss, accuracy
  }

  let figure: Figure
  let factor: Double
  /// In epochs.
  let patience: Int
  let threshold: Double
  let cooldown: Int
  /// The least learning rate, as a part of the base learning rate.
  let floor: Double

  init?(_ arguments: inout NamedArguments) {
    guard let figure = Figure(rawValue: arguments.text("on") ?? Figure.loss.rawValue),
      let factor = arguments.number("factor", or: 0.1, where: { $0 > 0 && $0 < 1 }),
      let patience = arguments.integer("patience", or: 10, in: 0...1_000_000),
      let threshold = arguments.number("threshold", or: 1e-4, where: { $0 >= 0 && $0 < 1 }),
      let cooldown = arguments.integer("cooldown", or: 0, in: 0...1_000_000),
      let floor = arguments.number("floor", or: 0, where: { (0...1).contains($0) })
    else { return nil }
    self.figure = figure
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.floor = floor
  }

  var arguments: [String] {
    [
      NamedArguments.text("on", figure.rawValue, unless: Figure.loss.rawValue),
      NamedArguments.text("factor", factor, unless: 0.1),
      NamedArguments.text("patience", patience, unless: 10),
      NamedArguments.text("threshold", threshold, unless: 1e-4),
      NamedArguments.text("cooldown", cooldown, unless: 0),
      NamedArguments.text("floor", floor, unless: 0),
    ].compactMap { $0 }
  }

  var dependsOnLength: Bool { false }

  func learningRate(base: Double, at point: SchedulePoint) -> Double {
    (0..<point.reductions).reduce(base) { rate, _ in
      let reduced = max(rate * factor, base * floor)
      // PyTorch's `eps`: a smaller change is none.
      return rate - reduced > 1e-8 ? reduced : rate
    }
  }

  // MARK: State

  /// The state after another validation with the results `outcome`.
  func state(after state: State?, _ outcome: Evaluator.Outcome) -> State {
    self.state(
      after: state, value: figure == .loss ? outcome.meanLoss : outcome.accuracy ?? 0)
  }

  /// What is known of the validations so far.
  struct State: Equatable, Sendable {
    var reductions = 0
    var best: Double
    /// The number of epochs in turn without improvement.
    var badEpochs = 0
    /// The number of epochs for which none counts.
    var cooldown = 0
  }

  /// The state after another validation.
  ///
  /// - Parameters:
  ///   - state: the state before; nil before the first validation.
  ///   - value: the loss or the accuracy.
  func state(after state: State?, value: Double) -> State {
    guard var state else { return State(best: value) }
    let isBetter =
      switch figure {
      case .loss: value < state.best * (1 - threshold)
      case .accuracy: value > state.best * (1 + threshold)
      }
    if isBetter { state.best = value }
    state.badEpochs = isBetter ? 0 : state.badEpochs + 1
    if state.cooldown > 0 {
      state.cooldown -= 1
      state.badEpochs = 0
    }
    if state.badEpochs > patience {
      state.reductions += 1
      state.cooldown = cooldown
      state.badEpochs = 0
    }
    return state
  }
}

extension Plateau.State {
  /// The text in a checkpoint: the numbers of reductions, bad epochs and epochs of cooldown, and the best
  /// value.
  var text: String { "\(reductions) \(badEpochs) \(cooldown) \(best)" }

  init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 4, let reductions = Int(parts[0]), let badEpochs = Int(parts[1]),
      let cooldown = Int(parts[2]), let best = Double(parts[3]), best.isFinite,
      reductions >= 0, badEpochs >= 0, cooldown >= 0
    else { return nil }
    self.init(reductions: reductions, best: best, badEpochs: badEpochs, cooldown: cooldown)
  }
}
