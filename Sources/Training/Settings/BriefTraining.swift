import Datasets
import Layers

/// Parameters that are trained for the first epochs only: `--train-for conv1.bias=3`. Afterwards
/// they keep their values, and their gradients are not computed.
public struct BriefTraining: Equatable, Sendable, CustomStringConvertible {
  private struct Entry: Equatable, Sendable {
    let parameter: String
    /// From 0 up; may be a fraction.
    let epochs: Double
  }

  private let entries: [Entry]

  static let forms = "parameters with a number of epochs, such as conv1.bias=3"

  init?(_ text: String) {
    var entries: [Entry] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2, !sides[0].isEmpty, let epochs = Double(sides[1]),
        (0...1e6).contains(epochs), !entries.contains(where: { $0.parameter == sides[0] })
      else { return nil }
      entries.append(Entry(parameter: sides[0], epochs: epochs))
    }
    self.entries = entries
  }

  public var description: String {
    entries.map { "\($0.parameter)=\($0.epochs)" }.joined(separator: ",")
  }

  /// The names of the parameters that are frozen after `step` steps.
  func frozen(after step: Int, stepsPerEpoch: Int) -> [String] {
    entries.filter {
      step >= Int(($0.epochs * Double(stepsPerEpoch)).rounded())
    }.map(\.parameter)
  }

  /// - Throws: ``SettingError`` for a parameter that does not exist or is not trained, and if no
  ///   parameter is left to train.
  func check(_ network: Sequential) throws(SettingError) {
    let trained = network.trainedParameters.map(\.name)
    for entry in entries where !trained.contains(entry.parameter) {
      let nearest = NearestName.hint(entry.parameter, among: trained)
      throw SettingError(
        key: "train-for", problem: "no trained parameter is called “\(entry.parameter)”\(nearest)",
        found: nil, expected: "some of \(trained.joined(separator: ", "))")
    }
    guard entries.count < trained.count else {
      throw SettingError(
        key: "train-for", problem: "nothing is left to train", found: description,
        expected: "a trained parameter that is not named")
    }
  }
}
