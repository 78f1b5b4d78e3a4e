import Tensors

/// A rule that updates parameters from their gradients.
///
/// A new optimizer is one file with a conforming class, and a line in ``Optimizers/all``.
///
/// - Its initializer declares the state: an ``OptimizerSlot`` for each value that the optimizer
///   keeps per element. Checkpoints save all slots by name, so a resumed run continues to the bit.
/// - ``update(_:in:)`` loops over the elements with ``OptimizedParameters/forEachBlock(in:_:)``, or
///   multiplies a whole parameter, `Parameter.matrix`, with the context's products.
/// - An optimizer that leaves some parameters to another optimizer calls
///   ``OptimizedParameters/filter(_:)`` for each of the two; their slots are saved together.
public protocol Optimizer: AnyObject {
  /// The name for `--opt`: `sgd`.
  static var name: String { get }

  /// The settings that it reads besides those of all optimizers (`lr`, `weight-decay`, `groups`).
  /// Another optimizer's setting is refused.
  static func settings(in configuration: Configuration) -> [String]

  /// The learning rate of a run that gives none; nil for the model's own.
  static var usualLearningRate: Double? { get }

  /// The momentum of a run that gives none; nil for the model's own.
  static var usualMomentum: Double? { get }

  /// Declares the state for `parameters`, filled with zeros.
  ///
  /// - `configuration`: the source of settings that only this optimizer reads.
  init(_ parameters: OptimizedParameters, configuration: Configuration)

  /// The parameters that this optimizer updates, with the state of all its slots.
  var parameters: OptimizedParameters { get }

  /// Updates all parameters from their gradients.
  func update(_ step: OptimizerStep, in context: Context)
}

extension Optimizer {
  public static func settings(in configuration: Configuration) -> [String] { [] }
  public static var usualLearningRate: Double? { nil }
  public static var usualMomentum: Double? { nil }
}

/// The inputs of an update besides gradients and state.
public struct OptimizerStep: Equatable, Sendable {
  /// The step's number, from 1; Adam's bias correction uses it.
  public let number: Int
  /// The schedule's learning rate, without a parameter's own factor.
  public let learningRate: Float
  /// The run's learning rate and the point before the step, for parameters with a schedule of their
  /// own.
  public let base: Double
  public let point: SchedulePoint

  /// The number of steps of all epochs, at least 1.
  public var plannedSteps: Int { point.totalSteps }

  public init(number: Int, learningRate: Float, base: Double, point: SchedulePoint) {
    self.number = number
    self.learningRate = learningRate
    self.base = base
    self.point = point
  }

  /// A step whose parameters all follow `learningRate`.
  ///
  /// - `plannedSteps`: nil if this is the last step.
  public init(number: Int, learningRate: Float, plannedSteps: Int? = nil) {
    self.init(
      number: number, learningRate: learningRate, base: Double(learningRate),
      point: SchedulePoint(
        step: number - 1, stepsPerEpoch: 1, totalSteps: plannedSteps ?? number))
  }

  /// The learning rate of a parameter with these hyperparameters: that of its own schedule, or else the
  /// run's, times its factor.
  public func learningRate(of hyperparameters: Hyperparameters) -> Float {
    let rate =
      hyperparameters.schedule.map { Float($0.learningRate(base: base, at: point)) }
      ?? learningRate
    return rate * hyperparameters.learningRateFactor
  }
}
