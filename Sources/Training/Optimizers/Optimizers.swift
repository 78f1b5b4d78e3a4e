/// The optimizers that `--opt` accepts.
public enum Optimizers {
  public static var all: [any Optimizer.Type] {
    [
      SGD.self,
      Adam.self,
      AdamW.self,
      RMSprop.self,
      Lion.self,
      Muon.self,
    ]
  }

  /// The names of all optimizers, for messages.
  static var names: String { all.map { $0.name }.joined(separator: ", ") }

  /// The optimizers that read the setting `key` if the others of `configuration` stay: `sgd or
  /// muon`.
  static func names(reading key: String, in configuration: Configuration) -> String {
    let names = all.filter { $0.settings(in: configuration).contains(key) }.map { $0.name }
    guard names.count > 1 else { return names.first ?? "another optimizer" }
    return names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
  }

  /// The settings that not every optimizer reads.
  static var ownSettings: Set<String> {
    Set(all.flatMap { $0.settings(in: Configuration()) })
  }
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
  public static let muon = OptimizerChoice(Muon.self)

  var type: any Optimizer.Type {
    guard let type = Optimizers.all.first(where: { $0.name == name }) else {
      preconditionFailure("no optimizer is called \(name)")
    }
    return type
  }
}
