/// The optimizers that `--opt` accepts.
public enum Optimizers {
  public static var all: [any Optimizer.Type] {
    [
      SGD.self
    ]
  }

  /// The names of all optimizers, for messages.
  static var names: String { all.map { $0.name }.joined(separator: ", ") }
}

/// One of ``Optimizers/all``, by name.
public struct OptimizerChoice: Equatable, Sendable {
  public let name: String

  /// Nil if there is no optimizer called `name`.
  public init?(_ name: String) {
    guard Optimizers.all.contains(where: { $0.name == name }) else { return nil }
    self.name = name
  }

  private init(_ type: any Optimizer.Type) { name = type.name }

  public static let sgd = OptimizerChoice(SGD.self)

  var type: any Optimizer.Type {
    guard let type = Optimizers.all.first(where: { $0.name == name }) else {
      preconditionFailure("no optimizer is called \(name)")
    }
    return type
  }
}
