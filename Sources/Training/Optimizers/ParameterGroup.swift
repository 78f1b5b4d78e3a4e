import Layers

/// The hyperparameters of one parameter.
public struct Hyperparameters: Equatable, Sendable {
  /// The factor by which the schedule's learning rate is multiplied.
  public var learningRateFactor: Float
  public var weightDecay: Float
  public var momentum: Float
  /// True for a matrix that ``Muon`` orthogonalizes; it leaves the others to another optimizer.
  public var usesMuon: Bool
  /// The schedule of this parameter's learning rate, without warm-up; nil for the run's.
  public var schedule: Schedule?

  public init(
    learningRateFactor: Float = 1, weightDecay: Float = 0, momentum: Float = 0,
    usesMuon: Bool = false, schedule: Schedule? = nil
  ) {
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.usesMuon = usesMuon
    self.schedule = schedule
  }
}

/// Hyperparameters for some of a network's parameters.
///
/// Groups are applied in order: if two groups select a parameter, the later one wins.
public struct ParameterGroup: Equatable, Sendable {
  /// The parameters that a group selects.
  public indirect enum Selection: Equatable, Sendable {
    case all
    case kind(ParameterKind)
    /// The parameters of layers of one type, such as `Convolution2D`.
    case layerType(String)
    /// The parameters of one layer, `conv1`, or of all layers with that name and any number,
    /// `conv`.
    case layer(String)
    /// Names that match a pattern, in which `*` stands for any text: `conv*.weight`.
    case named(String)
    /// The parameters that every one of these selects.
    case every([Selection])
  }

  public var selection: Selection
  /// Nil keeps the values of earlier groups.
  public var learningRateFactor: Float?
  public var weightDecay: Float?
  public var momentum: Float?
  public var usesMuon: Bool?
  /// Not a schedule that follows the validation.
  public var schedule: Schedule?

  public init(
    _ selection: Selection, learningRateFactor: Float? = nil, weightDecay: Float? = nil,
    momentum: Float? = nil, usesMuon: Bool? = nil, schedule: Schedule? = nil
  ) {
    self.selection = selection
    self.learningRateFactor = learningRateFactor
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.usesMuon = usesMuon
    self.schedule = schedule
  }

  /// True if the group selects `parameter` of `layer`.
  func selects(_ parameter: Parameter, of layer: any Layer) -> Bool {
    selection.includes(parameter, of: layer)
  }

  /// The hyperparameters of `parameter` of `layer` according to `groups`.
  static func hyperparameters(
    of parameter: Parameter, _ layer: any Layer, by groups: [ParameterGroup]
  ) -> Hyperparameters {
    var result = Hyperparameters()
    for group in groups where group.selects(parameter, of: layer) {
      if let factor = group.learningRateFactor { result.learningRateFactor = factor }
      if let decay = group.weightDecay { result.weightDecay = decay }
      if let momentum = group.momentum { result.momentum = momentum }
      if let usesMuon = group.usesMuon { result.usesMuon = usesMuon }
      if let schedule = group.schedule {
        precondition(!schedule.followsValidation, "a parameter group's schedule is \(schedule)")
        result.schedule = schedule
      }
    }
    return result
  }
}

extension ParameterGroup.Selection {
  fileprivate func includes(_ parameter: Parameter, of layer: any Layer) -> Bool {
    switch self {
    case .all: true
    case .kind(let kind): parameter.kind == kind
    case .layerType(let name): name == "\(type(of: layer))"
    case .layer(let name): name == layer.name || name == layer.nameWithoutNumber
    case .named(let pattern):
      Self.matches(Array(parameter.name.utf8)[...], Array(pattern.utf8)[...])
    case .every(let selections):
      selections.allSatisfy { $0.includes(parameter, of: layer) }
    }
  }

  private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == UInt8(ascii: "*") {
      return (text.startIndex...text.endIndex).contains {
        matches(text[$0...], pattern.dropFirst())
      }
    }
    return text.first == first && matches(text.dropFirst(), pattern.dropFirst())
  }
}

/// The role of a parameter in its layer.
public enum ParameterKind: String, Equatable, Sendable, CaseIterable {
  /// A matrix or a stack of filters.
  case weight
  /// A vector that is added.
  case bias
  /// A vector that multiplies: batch normalization's γ.
  case scale
}

extension Layer {
  /// The name without the number at its end: `conv`.
  var nameWithoutNumber: String {
    var name = Substring(name)
    while name.last?.isNumber == true { name.removeLast() }
    return String(name)
  }
}

extension Parameter {
  var kind: ParameterKind {
    if layout.storedShape.count > 1 { return .weight }
    return name.hasSuffix(".bias") ? .bias : .scale
  }
}
