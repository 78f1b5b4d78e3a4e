import Layers
import Networks
import Terminal

extension NetworkSummary {
  /// The summary as a table, with a row for each layer and a row of sums.
  public var consoleText: String {
    var table = TextTable([
      .init("layer"), .init("output"), .init("parameters", .right),
      .init("multiply-adds", .right), .init("activations", .right), .init("receptive field"),
    ])
    for row in rows {
      table.add([
        row.name, row.shape.map(String.init).joined(separator: " × "),
        Format.count(row.parameters), Format.count(row.multiplyAdds),
        Format.bytes(row.activationBytes),
        row.receptiveField.map { "\($0.height) × \($0.width)" } ?? "all",
      ])
    }
    table.addRule()
    table.add([
      "sum", "", Format.count(parameters), Format.count(multiplyAdds),
      Format.bytes(activationBytes), "",
    ])
    return table.text
  }
}
