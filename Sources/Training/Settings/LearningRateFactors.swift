import Layers

/// Factors of the schedule's learning rate by layer: `--lr-factor conv1=0.1,fc2=1`.
///
/// Other layers have the factor 1. The factor also scales weight decay, which is part of the
/// gradient, as in PyTorch's parameter groups.
public struct LearningRateFactors: Equatable, Sendable, CustomStringConvertible {
  private struct Factor: Equatable, Sendable {
    let layer: String
    let value: Double
  }

  private let factors: [Factor]

  static let forms = "layers with a number from 0 up, such as conv1=0.1,fc2=1"

  init?(_ text: String) {
    var factors: [Factor] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2, !sides[0].isEmpty, let value = Double(sides[1]), value >= 0,
        Float(value).isFinite, !factors.contains(where: { $0.layer == sides[0] })
      else { return nil }
      factors.append(Factor(layer: sides[0], value: value))
    }
    self.factors = factors
  }

  public var description: String {
    factors.map { "\($0.layer)=\($0.value)" }.joined(separator: ",")
  }

  /// A parameter group for each named layer.
  ///
  /// - Throws: ``SettingError`` for a layer that does not exist or is not trained.
  func groups(of network: Sequential) throws(SettingError) -> [ParameterGroup] {
    let layers = network.layers.filter { !$0.parameters.isEmpty }
    var groups: [ParameterGroup] = []
    for factor in factors {
      let layer = try layers.named(factor.layer, setting: "lr-factor")
      guard layer.parameters.contains(where: \.isTrained) else {
        throw SettingError(
          key: "lr-factor", problem: "\(factor.layer) is not trained", found: description,
          expected: "layers that are")
      }
      groups.append(
        ParameterGroup(.named("\(factor.layer).*"), learningRateFactor: Float(factor.value)))
    }
    return groups
  }
}
