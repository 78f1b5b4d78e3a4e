import Datasets
import Files
import Layers
import Networks
import Reports
import Tensors
import Terminal
import Training

/// A network that is not trained, for images of a data set or of a size.
struct InspectedNetwork {
  private let network: Sequential
  private let notation: String

  /// - Throws: `SettingError`, `DatasetError` or `NotationError`.
  init(
    arch: String?, model: String?, dataset: String?, imageSize: Int?, classes: Int?
  ) throws {
    var settings = Configuration()
    if let arch { try settings.set("arch", to: arch) }
    if let model { try settings.set("model", to: model) }
    guard let choice = settings.network else {
      throw Failure(.usage, "inspect: no network. Give --arch.")
    }
    var shape: Shape = [1, 28, 28, 1]
    var count = 10
    if case .named(let model) = choice { shape = model.inputShape }
    if let dataset {
      let entry = try Catalog.entry(named: dataset)
      shape = [1, entry.height, entry.width, entry.channels]
      count = entry.classes
    }
    if let imageSize { shape = [1, imageSize, imageSize, shape[3]] }
    network = try choice.architecture.network(input: shape, classes: classes ?? count)
    notation = choice.architecture.canonical
  }

  var text: String {
    let extents = network.inputShape.array.dropFirst().map(String.init).joined(separator: "×")
    return "\(notation)\non images of \(extents)\n\n" + NetworkSummary(network).consoleText
  }

  var json: CanonicalJSON {
    [
      "architecture": .string(notation),
      "input": .array(network.inputShape.array.dropFirst().map { .integer($0) }),
      "layers": NetworkSummary(network).json,
    ]
  }
}

extension NetworkSummary {
  /// The layers, each with its output, parameters, multiply-adds, bytes and receptive field.
  var json: CanonicalJSON {
    .array(
      rows.map { row in
        [
          "name": .string(row.name), "output": .array(row.shape.map { .integer($0) }),
          "parameters": .integer(row.parameters), "multiply_adds": .integer(row.multiplyAdds),
          "activation_bytes": .integer(row.activationBytes),
          "receptive_field": row.receptiveField.map { [.integer($0.height), .integer($0.width)] }
            ?? .null,
        ]
      })
  }
}
