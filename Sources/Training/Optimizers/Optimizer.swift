import Tensors

/// A rule that changes parameters by their gradients.
///
/// A new optimizer is one file with a class that conforms, and a line in ``Optimizers/all``.
///
/// - Its initializer declares the state, an ``OptimizerSlot`` for each kind of value that the optimizer
///   keeps per element. Checkpoints save all slots by name, so a resumed run continues to the bit.
/// - ``update(_:in:)`` loops over the elements by ``OptimizedParameters/forEachBlock(in:_:)``, or reads
///   a whole parameter as the matrix `Parameter.matrix` and multiplies by the context's products.
/// - An optimizer that leaves some parameters to another one makes both of
///   ``OptimizedParameters/filter(_:)``: their slots are saved together.
public protocol Optimizer: AnyObject {
  /// The name that `--opt` takes: `sgd`.
  static var name: String { get }

  /// Declares the state for `parameters`, filled with zeros.
  ///
  /// - Parameter configuration: for settings that only this optimizer reads.
  init(_ parameters: OptimizedParameters, configuration: Configuration)

  /// The parameters that it changes, with the state of all its slots.
  var parameters: OptimizedParameters { get }

  /// Changes all parameters by their gradients.
  func update(_ step: OptimizerStep, in context: Context)
}

/// What an update depends on besides gradients and state.
public struct OptimizerStep: Equatable, Sendable {
  /// From 1: Adam's bias correction reads it.
  public let number: Int
  /// The schedule's learning rate, before a parameter's own factor.
  public let learningRate: Float

  public init(number: Int, learningRate: Float) {
    self.number = number
    self.learningRate = learningRate
  }
}
